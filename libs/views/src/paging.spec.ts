import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { decodeCursor, encodeCursor, listFingerprint, pageSize } from './paging.js';
import { onEveryEngine } from './testing/engines.js';
import { allEvents, openStory } from './testing/open-story.js';
import { releaseId } from './testing/samples.js';

const dev = { kind: 'branch', name: 'dev' } as const;

describe('cursors', () => {
  it('carry any key of their own list', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.nat()), (key) => {
        const list = listFingerprint('a', { project: null });
        const type = typeof key === 'string' ? 'string' : 'number';
        expect(decodeCursor(list, type, encodeCursor(list, key))).toBe(key);
      }),
    );
  });

  it('are refused by another list, another filter and when they are none', () => {
    const cursor = encodeCursor(listFingerprint('releases', { project: 'a' }), 7);
    const refused = { code: 'INVALID_INPUT', fields: [{ field: 'after' }] };
    const decode = (fingerprint: string, text: string) => () => decodeCursor(fingerprint, 'number', text);
    const thrownBy = (work: () => unknown): unknown => {
      try {
        return work();
      } catch (error) {
        return error;
      }
    };
    expect(thrownBy(decode(listFingerprint('releases', { project: 'a' }), cursor))).toBe(7);
    expect(thrownBy(decode(listFingerprint('releases', { project: 'b' }), cursor))).toMatchObject(refused);
    expect(thrownBy(decode(listFingerprint('deployments', { project: 'a' }), cursor))).toMatchObject(refused);
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(thrownBy(decode(listFingerprint('releases', null), text))).toMatchObject(refused);
      }),
    );
  });

  it('are not made for pages outside 1 to 100', () => {
    expect(pageSize(undefined)).toBe(20);
    expect(pageSize(null, 50)).toBe(50);
    expect([pageSize(1), pageSize(100)]).toEqual([1, 100]);
    for (const first of [0, -1, 101, 1.5, NaN]) expect(() => pageSize(first)).toThrow(/first: .* from 1 to 100/);
  });
});

/** A property opens many files, on a machine that may be busy with other suites. */
const MANY_RUNS_MS = 120_000;

onEveryEngine('pages', (engine) => {
  it(
    'together are the whole list, without repeats, while releases keep coming',
    async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.integer({ min: 0, max: 12 }),
          fc.array(fc.nat({ max: 2 }), { maxLength: 15 }),
          fc.integer({ min: 1, max: 5 }),
          async (before, arriving, first) => {
            const { story, views } = await openStory();
            let count = 0;
            const arrive = async (releases: number): Promise<void> => {
              for (let i = 0; i < releases; i++) await story.request(releaseId((count += 1)), 'a', dev);
              await views.project(await allEvents(story), story.store.ledgerId);
            };
            await arrive(before);
            const expected = Array.from({ length: before }, (_, i) => releaseId(before - i));
            const seen: string[] = [];
            let after: string | null = null;
            for (let page = 0, more = true; more; page++) {
              const { nodes, pageInfo, totalCount, edges } = await views.releases.list({ first, after });
              expect(totalCount).toBe(count);
              expect(pageInfo.hasPreviousPage).toBe(page > 0);
              expect(pageInfo.startCursor).toBe(edges[0]?.cursor ?? null);
              seen.push(...nodes.map((release) => release.id));
              after = pageInfo.endCursor;
              more = pageInfo.hasNextPage;
              await arrive(arriving[page] ?? 0);
            }
            expect(seen).toEqual(expected);
          },
        ),
        { numRuns: engine === 'SQLite' ? 25 : 6 },
      );
    },
    MANY_RUNS_MS,
  );

  it('of an ascending list go on behind the last key, wherever new keys come to stand', async () => {
    const { story, views } = await openStory();
    const project = async (...keys: string[]): Promise<void> => {
      for (const key of keys) await story.project(key);
      await views.project(await allEvents(story), story.store.ledgerId);
    };
    await project('b', 'd', 'f');
    const first = await views.projects.list({ first: 2 });
    expect(first.nodes.map(({ key }) => key)).toEqual(['b', 'd']);
    await project('a', 'c', 'e');
    const second = await views.projects.list({ first: 5, after: first.pageInfo.endCursor });
    expect(second.nodes.map(({ key }) => key)).toEqual(['e', 'f']);
    expect(second.pageInfo).toMatchObject({ hasNextPage: false, hasPreviousPage: true });
    await expect(views.projects.list({ search: 'b', after: first.pageInfo.endCursor })).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      fields: [{ field: 'after' }],
    });
    await expect(views.projects.list({ first: 0 })).rejects.toMatchObject({ fields: [{ field: 'first' }] });
    await expect(views.projects.list({ first: 101 })).rejects.toMatchObject({ fields: [{ field: 'first' }] });
  });
});
