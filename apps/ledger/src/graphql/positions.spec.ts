import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { done } from '../testing/example-project.js';
import { type RunningLedger, startRunningLedger } from '../testing/running-ledger.js';

let ledger: RunningLedger;
beforeAll(async () => {
  ledger = await startRunningLedger();
}, 60_000);
afterAll(() => ledger.stop());

const REGISTER =
  'mutation ($input: RegisterProjectInput!) { registerProject(input: $input) { project { key } position } }';

describe('reading', () => {
  it('sees one’s own write in the payload and behind its position', async () => {
    const data = await done<{ registerProject: { position: string } }>(ledger, REGISTER, { key: 'fresh' });
    const { position } = data.registerProject;
    const read = await ledger.ask('{ project(key: "fresh") { key } }', { headers: { 'waybill-read-after': position } });
    expect(read.data).toEqual({ project: { key: 'fresh' } });
    expect(Number(read.position)).toBeGreaterThanOrEqual(Number(position));
  });

  it('waits for a position with @readAfter, and tells which ledger it is of', async () => {
    const data = await done<{ registerProject: { position: string } }>(ledger, REGISTER, { key: 'awaited' });
    const { position } = data.registerProject;
    const query = `query ($p: Position!, $l: ID) @readAfter(position: $p, ledger: $l, timeoutSeconds: 60) {
      project(key: "awaited") { key } ledger { id }
    }`;
    const read = await ledger.ask(query, { variables: { p: position } });
    expect(read.data).toMatchObject({ project: { key: 'awaited' } });
    expect(Number(read.position)).toBeGreaterThanOrEqual(Number(position));
    const { id } = read.data!['ledger'] as { id: string };
    expect(read.ledger).toBe(id);
    expect((await ledger.ask(query, { variables: { p: position, l: id } })).errors).toEqual([]);
  });

  it('tells a position that its rows have seen, not a later one', async () => {
    const query = '{ projects(first: 100) { totalCount nodes { key } } ledger { position } }';
    const registering = Array.from({ length: 20 }, (_, n) => done(ledger, REGISTER, { key: `seen-${n}` }));
    const asking = Array.from({ length: 20 }, () => ledger.ask(query));
    await Promise.all(registering);
    for (const { data, position } of await Promise.all(asking)) {
      const { nodes } = data!['projects'] as { nodes: { key: string }[] };
      const { data: now } = await ledger.ask(
        `{ events(first: 100, newestFirst: true) { nodes { type stream position } } }`,
      );
      const { nodes: events } = now!['events'] as { nodes: { type: string; stream: string; position: string }[] };
      const told = events.filter(
        (event) => event.type === 'ProjectRegistered' && Number(event.position) <= Number(position),
      );
      const keys = new Set(nodes.map(({ key }) => `project-${key}`));
      expect(told.map(({ stream }) => stream).filter((stream) => !keys.has(stream))).toEqual([]);
    }
  });

  it.each([
    ['behind the end of the log', '@readAfter(position: "999999999")', /^position 999999999 lies behind the end/],
    [
      'of another ledger',
      '@readAfter(position: "1", ledger: "another")',
      /^position 1 is of ledger another; this one is/,
    ],
    [
      'that would take too long',
      '@readAfter(position: "1", timeoutSeconds: 61)',
      /^timeoutSeconds is 61: give 0 to 60$/,
    ],
  ])('refuses to read after a position %s', async (_, directive, words) => {
    const { status, data, errors } = await ledger.ask(`query ${directive} { me { id } }`);
    expect([status, data]).toEqual([400, null]);
    expect(errors).toMatchObject([{ message: expect.stringMatching(words), extensions: { code: 'BAD_USER_INPUT' } }]);
  });

  it('refuses a header with a position behind the end of the log', async () => {
    const { status, errors } = await ledger.ask('{ me { id } }', { headers: { 'waybill-read-after': '999999999' } });
    expect(status).toBe(400);
    expect(errors[0]?.message).toMatch(/^position 999999999 lies behind the end of this ledger's log, which is \d+$/);
  });

  it('refuses a position that is none', async () => {
    const { status, errors } = await ledger.ask('{ me { id } }', { headers: { 'waybill-read-after': 'now' } });
    expect(status).toBe(400);
    expect(errors[0]?.extensions.code).toBe('BAD_USER_INPUT');
  });
});
