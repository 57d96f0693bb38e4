import { afterEach, describe, expect, it } from '@jest/globals';
import { envelopeText, sha256 } from '@waybill/kernel';
import { createMemoryEventStore, sampleEvents } from '@waybill/kernel/testing';
import { parse, parseAllDocuments } from 'yaml';
import { runCli } from '../testing/run-cli.js';
import { type Call, type StubLedger, startStubLedger } from '../testing/stub-ledger.js';

type Row = Awaited<ReturnType<typeof written>>[number];

let stub: StubLedger | undefined;
afterEach(async () => {
  await stub?.close();
  stub = undefined;
});

/** Events as the ledger answers them. */
async function written(count: number) {
  const store = createMemoryEventStore();
  const { events } = await store.append('thing-1', sampleEvents(count), 'no-stream');
  return events.map((event) => ({
    ...event,
    actor: { kind: event.actor.kind.toUpperCase(), id: event.actor.id, name: 'Alice', login: 'alice' },
    actorRoles: event.actor.roles,
  }));
}

const refusal = (message: string) => ({ errors: [{ message, extensions: { code: 'INVALID_INPUT' } }] });

/** A page as the ledger cuts it: a cursor is good only in the order it was given for. */
function pageOf(log: readonly Row[], { variables }: Call): object {
  const { newestFirst, after, first } = variables as { newestFirst: boolean; after: string | null; first: number };
  const ordered = newestFirst ? log.toReversed() : log;
  const [order, id] = after?.split(' ') ?? [];
  if (after !== null && order !== String(newestFirst)) return refusal('after: is a cursor of another list or filter');
  const from = ordered.findIndex((row) => row.id === id) + 1;
  const nodes = ordered.slice(from, from + first);
  const endCursor = nodes.length === 0 ? null : `${newestFirst} ${nodes.at(-1)!.id}`;
  const hasNextPage = from + first < ordered.length;
  return { data: { events: { nodes, pageInfo: { hasNextPage, endCursor }, totalCount: log.length } } };
}

/** Answers from `lengths[n]` events at the nth question, and then ends the command with a refusal. */
async function growing(log: readonly Row[], lengths: readonly number[]): Promise<string> {
  stub = await startStubLedger((call, calls) => {
    const length = lengths[calls.length - 1];
    return length === undefined ? refusal('the end of this spec') : pageOf(log.slice(0, length), call);
  });
  return stub.url;
}

const idsOf = (lines: string): string[] =>
  lines
    .trimEnd()
    .split('\n')
    .map((line) => (JSON.parse(line) as { id: string }).id);

describe('waybill events -o json', () => {
  it('is the envelope as it was written: its hash can be computed again', async () => {
    const log = await written(3);
    const ran = await runCli(['events', '-o', 'json'], { url: await growing(log, [3]) });
    const envelopes = JSON.parse(ran.out) as Parameters<typeof envelopeText>[0][];
    expect(envelopes.map((envelope) => sha256(envelopeText(envelope)))).toEqual(log.map(({ hash }) => hash));
    expect(Object.keys(envelopes[0]!)).toEqual(
      (
        'id type version stream revision position occurredAt recordedAt actor ' +
        'commandId commandDigest correlationId causationId data previousHash hash'
      ).split(' '),
    );
    expect(Object.keys(envelopes[0]!.actor)).toEqual(['kind', 'id', 'roles']);
    expect(parse((await runCli(['events', '-o', 'yaml'], { url: await growing(log, [3]) })).out)).toEqual(envelopes);
  });
});

describe('waybill events -f', () => {
  it('goes on behind the newest event shown, without a gap and without a repeat', async () => {
    const log = await written(300);
    // The first 5; nothing new; one; more than a glance and two pages, of which some come while it reads; nothing.
    const url = await growing(log, [5, 5, 6, 290, 300, 300, 300, 300, 300]);
    const ran = await runCli(['events', '-f', '--limit', '3', '-o', 'json'], { url });
    expect(idsOf(ran.out)).toEqual(log.slice(2).map(({ id }) => id));
    expect(ran.err).toBe('waybill: the end of this spec\n');
  });

  it('waits for the first event of a stream that is not there yet, and keeps to its filter', async () => {
    const log = await written(2);
    const url = await growing(log, [0, 0, 2, 2]);
    const ran = await runCli(['events', '-f', '--stream', 'thing-1', '-o', 'json'], { url });
    expect(idsOf(ran.out)).toEqual(log.map(({ id }) => id));
    expect(new Set(stub?.calls.map(({ variables }) => variables['stream']))).toEqual(new Set(['thing-1']));
  });

  it('prints a line an event, and a document an event as YAML', async () => {
    const log = await written(2);
    const lines = (await runCli(['events', '-f'], { url: await growing(log, [1, 2]) })).out;
    expect(lines.split('\n')).toEqual([expect.stringMatching(/ thing-1 .* Alice$/), expect.any(String), '']);
    const { out } = await runCli(['events', '-f', '-o', 'yaml'], { url: await growing(log, [1, 2]) });
    expect(parseAllDocuments(out)).toHaveLength(2);
  });
});
