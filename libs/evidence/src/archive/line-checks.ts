import { hash } from 'node:crypto';
import type { VerifierKey } from '../note/keys.js';
import { ledgerOfOrigin, originOf } from '../note/statements.js';
import { SEALING_STREAM } from '../tree/log-tree.js';
import { createChains, type Suspicion } from './chains.js';
import { dataOf, readCheckpoint, type SignedCheckpoint } from './checkpoint-line.js';
import { readEventLine, type EventLine } from './event-line.js';
import { END_START, EVENT_START, MAX_LINE_BYTES, SEALED_START, parseEnd, parseHeader, parseSealed } from './format.js';
import { signerOf, type GivenCheckpoint } from './given-checkpoint.js';
import { createKeyring } from './keyring.js';
import type { Problem, ProblemKind } from './problem.js';
import { createSeals } from './seals.js';
import type { Verdict } from './verdict.js';

export interface LineChecks {
  /** Takes the next line without its newline. False: a problem was found, and no further line is of interest. */
  take(text: Buffer): boolean;
  /** @param rest what stands behind the last newline */
  finish(rest: Buffer): Verdict;
}

const LEDGER_STREAM = 'ledger';

/**
 * Checks an archive line by line, as docs/evidence.md lays down. Throws `INVALID_INPUT` when the first line is none of
 * an archive's.
 * @param trusted one of the ledger's keys, not necessarily the first
 * @param given a checkpoint that was kept outside the ledger's reach
 */
export function createLineChecks(header: string, trusted: VerifierKey, given?: GivenCheckpoint): LineChecks {
  const ledgerId = parseHeader(header);
  const keyring = createKeyring(ledgerId);
  const chains = createChains(ledgerId);
  const seals = createSeals();

  let line = 1;
  let events = 0;
  let checkpoints = 0;
  let ended: number | undefined;
  let newest: SignedCheckpoint | undefined;
  let givenHolds: boolean | undefined;
  let suspicion: Suspicion | undefined;
  /** A checkpoint that the events do not lead to; the hashes in the lines behind it tell why. */
  let unmet: { readonly checkpoint: SignedCheckpoint; readonly line: number; hashes: string[] } | undefined;
  let problem: Problem | undefined = ofAnotherLedger(ledgerId, trusted, given);

  /** What came to suspicion stands before what was found just now. */
  function fail(found: Problem): boolean {
    problem ??= suspicion?.problem(seals.sealed()) ?? found;
    return false;
  }

  function take(text: Buffer): boolean {
    if (problem) return false;
    line += 1;
    if (text.length > MAX_LINE_BYTES) return fail(at('broken', line, `line ${line} is longer than any of an archive`));
    if (unmet) {
      if (beginsWith(text, SEALED_START)) {
        unmet.hashes.push(...(parseSealed(text.toString('latin1')) ?? []));
        return true;
      }
      return blame(unmet);
    }
    if (ended !== undefined) return fail(at('broken', line, `line ${line} stands behind the end`));
    if (beginsWith(text, SEALED_START)) return true;
    if (beginsWith(text, END_START)) {
      ended = parseEnd(text.toString('latin1'));
      return ended === undefined ? fail(at('broken', line, `line ${line} is no end line`)) : true;
    }
    return takeEvent(text);
  }

  function takeEvent(text: Buffer): boolean {
    events += 1;
    const digest = hash('sha256', text);
    const event = beginsWith(text, EVENT_START) ? readEventLine(text) : undefined;
    const sealing = event?.stream === SEALING_STREAM;
    const place = { line, leaf: sealing ? -1 : seals.leaves() };
    if (!sealing) {
      const { stream = null, revision = 0, previousHash = '' } = event ?? {};
      seals.add({ line, hash: digest, stream, revision, previousHash });
    }
    const broken = at('broken', line, `line ${line} is no event`);
    const odd = event ? chains.add(event, digest, place) : { at: place, problem: () => broken };
    suspicion ??= odd;
    if (event?.stream === LEDGER_STREAM) takeKey(event, dataOf(text), place.leaf);
    return event && sealing ? takeCheckpoint(event, text) : true;
  }

  function takeKey(event: EventLine, data: Readonly<Record<string, unknown>>, leaf: number): void {
    const fault = keyFault(event.type, data, leaf);
    if (fault === undefined) return;
    const found = at('forged', line, `${event.type} in line ${line}: ${fault}`, event);
    suspicion ??= { at: { line, leaf }, problem: () => found };
  }

  function keyFault(type: string, data: Readonly<Record<string, unknown>>, leaf: number): string | undefined {
    switch (type) {
      case 'LedgerCreated':
        return data['ledger'] === ledgerId ? undefined : `the ledger is called ${String(data['ledger'])}`;
      case 'KeyIntroduced':
        return keyring.introduce(data['publicKey']);
      case 'KeyRotated':
        return keyring.rotate(data, leaf);
      default:
        return undefined;
    }
  }

  function takeCheckpoint(event: EventLine, text: Buffer): boolean {
    checkpoints += 1;
    const forged = (why: string): boolean => fail(at('forged', line, `the checkpoint in line ${line} ${why}`, event));
    const read = readCheckpoint(dataOf(text), { ledgerId, keyring, trusted });
    if (typeof read === 'string') return forged(read);
    const before = seals.sealed();
    if (read.treeSize <= before) return forged(`seals ${read.treeSize} events, and one before it ${before}`);
    const passesGiven = given && given.treeSize > before && given.treeSize <= read.treeSize;
    const holds = passesGiven ? seals.leadsTo(given) : undefined;
    if (!seals.seal(read)) {
      unmet = { checkpoint: read, line, hashes: [] };
      return true;
    }
    givenHolds ??= holds;
    if (suspicion && suspicion.at.leaf < read.treeSize) return fail(suspicion.problem(read.treeSize));
    if (read.doubt !== undefined) return forged(read.doubt);
    newest = read;
    return true;
  }

  function blame({ checkpoint, line: sealedIn, hashes }: NonNullable<typeof unmet>): boolean {
    problem = seals.difference(checkpoint, hashes, sealedIn);
    if (problem) return false;
    const from = seals.unsealed(seals.sealed())?.line ?? sealedIn;
    return fail(at('altered', from, `an event between line ${from} and line ${sealedIn} is not what was sealed`));
  }

  function finish(rest: Buffer): Verdict {
    if (!problem && ended === undefined && rest.length > 0 && parseEnd(rest.toString('latin1')) !== undefined)
      take(rest);
    else if (!problem && ended !== undefined && rest.length > 0) take(rest);
    if (!problem && unmet) blame(unmet);
    problem ??= suspicion?.problem(seals.sealed()) ?? cutShort(rest) ?? untrusted() ?? givenFault();
    const sealed = sealedUpTo();
    if (sealed === null) problem ??= at('unsealed', null, `no checkpoint that key ${trusted.id} vouches for is in it`);
    const first = sealed && !problem ? seals.unsealed(sealed.treeSize) : undefined;
    return {
      ledgerId,
      events,
      streams: chains.streams(),
      checkpoints,
      sealed,
      unsealed: first ? { events: seals.leaves() - sealed!.treeSize, line: first.line } : null,
      problem: problem ?? null,
    };
  }

  function cutShort(rest: Buffer): Problem | undefined {
    if (ended === undefined) {
      const last = rest.length > 0 ? line + 1 : line;
      return at('cut', last, `the archive ends in line ${last} without an end line: it was cut short`);
    }
    if (ended === events) return undefined;
    return at('cut', line, `the end line counts ${ended} events, and ${events} are here`);
  }

  function untrusted(): Problem | undefined {
    if (keyring.follows(trusted, trusted)) return undefined;
    const ids = keyring.all().map(({ id }) => id);
    const signers = ids.length > 0 ? `its keys are ${ids.join(', ')}` : 'it has no keys';
    return at('wrong-key', null, `the archive is not signed by key ${trusted.id}: ${signers}`);
  }

  function givenFault(): Problem | undefined {
    if (!given) return undefined;
    if (!signerOf(given, trusted, keyring)) {
      return at('wrong-key', null, `the checkpoint given is not signed by key ${trusted.id} or one that follows it`);
    }
    const { treeSize } = given;
    if (treeSize > seals.leaves()) {
      return at('cut', null, `the checkpoint given seals ${treeSize} events, and the archive has ${seals.leaves()}`);
    }
    givenHolds ??= seals.leadsTo(given);
    if (givenHolds) return undefined;
    return at('other-history', null, `the first ${treeSize} events are not those that the checkpoint given seals`);
  }

  function sealedUpTo(): Verdict['sealed'] {
    const signed = newest && keyring.follows(newest.key, trusted) ? { ...newest, keyId: newest.key.id } : undefined;
    const signer = given && givenHolds && signerOf(given, trusted, keyring);
    const kept = signer && { ...given, keyId: signer.id };
    const furthest = kept && kept.treeSize > (signed?.treeSize ?? 0) ? kept : signed;
    if (!furthest) return null;
    const { treeSize, root, position, keyId } = furthest;
    return { treeSize, root, position, keyId };
  }

  return { take, finish };
}

function ofAnotherLedger(ledgerId: string, key: VerifierKey, given: GivenCheckpoint | undefined): Problem | undefined {
  if (key.name !== originOf(ledgerId)) {
    const other = ledgerOfOrigin(key.name) ?? key.name;
    return at('other-ledger', 1, `the archive is of ledger ${ledgerId}, and the key of ${other}`);
  }
  if (given && given.ledgerId !== ledgerId) {
    return at('other-ledger', 1, `the archive is of ledger ${ledgerId}, and the checkpoint of ${given.ledgerId}`);
  }
  return undefined;
}

function at(kind: ProblemKind, line: number | null, message: string, event?: EventLine): Problem {
  return { kind, line, stream: event?.stream ?? null, revision: event?.revision ?? null, message };
}

function beginsWith(line: Buffer, start: string): boolean {
  if (line.length < start.length) return false;
  for (let i = 0; i < start.length; i++) if (line[i] !== start.charCodeAt(i)) return false;
  return true;
}
