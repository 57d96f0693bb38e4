import { describe, expect, it } from '@jest/globals';
import { canonicalText } from './canonical.js';
import type { RecordedEvent } from './event.js';
import { envelopeText, genesisHash, sha256, verifyChain } from './hashing.js';
import { createMemoryEventStore, sampleEvent, sampleEvents } from './testing/index.js';

describe('sha256', () => {
  it.each([
    ['', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
    ['abc', 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
  ])('of %j is the one of FIPS 180-4', (text, digest) => {
    expect(sha256(text)).toBe(digest);
    expect(sha256(Buffer.from(text))).toBe(digest);
  });
});

describe('the hash of an event', () => {
  it('never changes: this text and this hash are frozen', () => {
    const event = {
      id: '0b9f6a3e-5f0a-5d0e-8f3e-1a2b3c4d5e6f',
      type: 'ProjectRegistered',
      version: 1,
      stream: 'project-a',
      revision: 0,
      occurredAt: '2026-11-23T12:00:00.000Z',
      recordedAt: '2026-11-23T12:00:00.250Z',
      actor: { roles: ['admin'], kind: 'person' as const, id: 'p-0123456789abcdef0123' },
      commandId: '01996f3e-0000-7000-8000-000000000000',
      commandDigest: '0'.repeat(64),
      correlationId: '01996f3e-0000-7000-8000-000000000000',
      causationId: '01996f3e-0000-7000-8000-000000000000',
      data: { project: 'a', name: 'Ä' },
      previousHash: genesisHash('ledger'),
    };
    expect(envelopeText(event)).toBe(
      '{"actor":{"id":"p-0123456789abcdef0123","kind":"person","roles":["admin"]},' +
        '"causationId":"01996f3e-0000-7000-8000-000000000000",' +
        `"commandDigest":"${'0'.repeat(64)}","commandId":"01996f3e-0000-7000-8000-000000000000",` +
        '"correlationId":"01996f3e-0000-7000-8000-000000000000","data":{"name":"Ä","project":"a"},' +
        '"id":"0b9f6a3e-5f0a-5d0e-8f3e-1a2b3c4d5e6f","occurredAt":"2026-11-23T12:00:00.000Z",' +
        '"previousHash":"fe14010b4fe83303852f0467c919ef9a7ca089b91e96e3aad7d426dd87079297",' +
        '"recordedAt":"2026-11-23T12:00:00.250Z","revision":0,"stream":"project-a",' +
        '"type":"ProjectRegistered","version":1}',
    );
    expect(sha256(envelopeText(event))).toBe('af958ff21459da36985d9f4b98d3a955d07dd4bb71e9dba71f781c8d5da0370c');
  });

  it('covers every field but position and hash', async () => {
    const store = createMemoryEventStore();
    const [event] = (await store.append('thing-1', [sampleEvent()], 'no-stream')).events;
    const { position: _position, hash: _hash, ...hashed } = event!;
    expect(envelopeText(event!)).toBe(canonicalText(hashed));
  });
});

describe('verifyChain', () => {
  const chain = async (): Promise<{ ledgerId: string; events: RecordedEvent[] }> => {
    const store = createMemoryEventStore({ ledgerId: 'ledger' });
    const { events } = await store.append('thing-1', sampleEvents(4), 'no-stream');
    return { ledgerId: store.ledgerId, events: structuredClone([...events]) };
  };

  it('finds nothing wrong with what a store wrote', async () => {
    const { ledgerId, events } = await chain();
    expect(verifyChain(ledgerId, events)).toBeUndefined();
    expect(verifyChain(ledgerId, [])).toBeUndefined();
  });

  it.each<[string, (events: RecordedEvent[]) => RecordedEvent[], number, RegExp]>([
    ['changed data', (e) => e.with(2, { ...e[2]!, data: { name: 'forged' } }), 2, /content/],
    ['a changed actor', (e) => e.with(1, { ...e[1]!, actor: { ...e[1]!.actor, id: 'p-1' } }), 1, /content/],
    ['a changed hash', (e) => e.with(0, { ...e[0]!, hash: sha256('x') }), 0, /content/],
    ['a missing event', (e) => e.toSpliced(1, 1), 1, /revision 2 stands at 1/],
    ['a missing first event', (e) => e.slice(1), 0, /revision 1 stands at 0/],
    ['two events exchanged', (e) => [e[0]!, e[2]!, e[1]!, e[3]!], 1, /revision/],
    ['an event of another stream', (e) => e.with(3, { ...e[3]!, stream: 'thing-2' }), 3, /thing-2/],
    ['a renumbered gap', (e) => e.toSpliced(1, 1).map((x, revision) => ({ ...x, revision })), 1, /predecessor/],
  ])('finds %s', async (_what, tamper, revision, problem) => {
    const { ledgerId, events } = await chain();
    expect(verifyChain(ledgerId, tamper(events))).toEqual({ revision, problem: expect.stringMatching(problem) });
  });

  it('binds the chain to its ledger', async () => {
    const { events } = await chain();
    expect(verifyChain('another', events)).toMatchObject({ revision: 0 });
  });
});
