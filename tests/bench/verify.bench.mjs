// Offline verification of an archive of 200,000 events (`waybill verify`, the whole program) vs `sha256sum` of the file.
import {
  archiveLines,
  checkpointText,
  createCompactRange,
  leafOfEvent,
  newPrivateKey,
  originOf,
  signNote,
  signingKey,
} from '@waybill/evidence';
import { derivedId, prepareEvents, sealEvents, sha256, unsealEvent } from '@waybill/kernel';
import { spawnSync } from 'node:child_process';
import { closeSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inFolder, interleaved, report } from './measure.mjs';

const EVENTS = 200_000;
const STREAMS = 10_000;
const CHECKPOINT_EVERY = 1000;
const ROUNDS = 5;
const NOW = '2026-11-23T12:00:00.000Z';
const LEDGER = '019234ab-0000-7e8f-9a0b-1c2d3e4f5a6b';
const WAYBILL = fileURLToPath(new URL('../../apps/cli/bin/waybill.js', import.meta.url));

const key = signingKey(originOf(LEDGER), newPrivateKey());

/** Events as a ledger writes them, in memory no longer than they are read. */
function* log() {
  const heads = new Map();
  const range = createCompactRange();
  let position = 0;
  const append = (stream, type, data) => {
    position += 1;
    const id = derivedId('bench', String(position));
    const event = {
      id,
      type,
      version: 1,
      occurredAt: NOW,
      actor: { kind: 'person', id: 'p-0123456789abcdef0123', roles: ['developer'] },
      commandId: id,
      commandDigest: sha256(id),
      correlationId: id,
      causationId: id,
      data,
    };
    const [sealed] = sealEvents(LEDGER, heads.get(stream), prepareEvents(stream, [event]), NOW);
    heads.set(stream, sealed.head);
    if (stream !== 'checkpoint') range.append(leafOfEvent(sealed.hash));
    return unsealEvent(sealed.text, String(position), sealed.hash);
  };
  const seal = () => {
    const root = range.root().toString('hex');
    const checkpoint = { ledgerId: LEDGER, treeSize: range.size(), root, position: String(position) };
    const note = signNote(checkpointText(checkpoint), key);
    const { treeSize } = checkpoint;
    return append('checkpoint', 'CheckpointSigned', {
      treeSize,
      root,
      position: String(position),
      keyId: key.id,
      note,
    });
  };
  yield append('ledger', 'LedgerCreated', { ledger: LEDGER });
  yield append('ledger', 'KeyIntroduced', { keyId: key.id, publicKey: key.text });
  for (let n = 1; n <= EVENTS; n++) {
    yield append(`release-${derivedId('stream', String(n % STREAMS))}`, 'DeploymentRequested', {
      environment: { project: `project-${n % 100}`, slot: 'feature-login', location: 'dev' },
      generation: n,
      order: n,
      ref: { kind: 'branch', name: 'feature-login' },
      commit: '4b825dc642cb6eb9a060e54bf8d69288fbee4904',
      deliverable: { kind: 'image', image: 'registry.example/shop/a:1.4.0', digest: `sha256:${'0f'.repeat(32)}` },
      tier: 'feature',
      desired: sha256(String(n)),
    });
    if (n % CHECKPOINT_EVERY === 0) yield seal();
  }
}

/** The part of a store that an archive is written from. */
function storeOf(events) {
  return {
    ledgerId: LEDGER,
    readAll(_after, limit) {
      const page = [];
      while (page.length < limit) {
        const { value, done } = events.next();
        if (done) break;
        page.push(value);
      }
      return Promise.resolve(page);
    },
  };
}

function run(program, args) {
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${program} ended with ${status}: ${stdout}${stderr}`);
}

await inFolder(async (folder) => {
  const file = join(folder, 'ledger.archive');
  const descriptor = openSync(file, 'w');
  for await (const lines of archiveLines({ store: storeOf(log()), upTo: String(EVENTS * 2) })) {
    if (lines.length > 0) writeSync(descriptor, `${lines.join('\n')}\n`);
  }
  closeSync(descriptor);
  const times = interleaved({
    ours: () => run(process.execPath, [WAYBILL, 'verify', file, '--key', key.text]),
    anchor: () => run('sha256sum', [file]),
    rounds: ROUNDS,
  });
  report('verify', { ...times, goal: 8, unit: 'ms' });
});
