import { afterEach, describe, expect, it } from '@jest/globals';
import { newId } from '@waybill/kernel';
import fc from 'fast-check';
import { inspect } from 'node:util';
import type { ViewsTrouble } from '../backoff.js';
import { openCuttingProxy } from '../testing/cutting-proxy.js';
import { newLedgerInPostgres, withClient, type Place } from '../testing/engines.js';
import { follow } from '../testing/following.js';
import { histories, tell } from '../testing/histories.js';
import { allEvents, cleanUpLater, openedViews } from '../testing/open-story.js';
import { isPostgresThere, postgresUrl } from '@waybill/postgres/testing';
import { createStory, type Story } from '../testing/story.js';
import { openViews, type Views } from '../views.js';

/** Each run opens databases on a server that all suites share. */
const MANY_RUNS_MS = 120_000;

async function place(): Promise<Place> {
  const made = await newLedgerInPostgres();
  cleanUpLater(() => made.remove());
  return made;
}

async function told(...projects: string[]): Promise<Story> {
  const story = createStory();
  for (const key of projects) await story.project(key);
  return story;
}

const projectAll = async (views: Views, story: Story): Promise<void> =>
  views.project(await allEvents(story), story.store.ledgerId);

async function eventually(condition: () => boolean | Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 20_000; !(await condition());) {
    if (Date.now() > end) throw new Error('it did not come to be in 20 seconds');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

const suite = isPostgresThere() ? describe : describe.skip;

suite('several processes on one PostgreSQL (skipped where there is none)', () => {
  it('see what another one projects, and wait for it', async () => {
    const there = await place();
    const story = await told('a');
    const [writer, reader] = [await openedViews(there), await openedViews(there)];
    expect(reader.position()).toBeUndefined();
    const waiting = reader.waitFor('1', 20_000);
    await projectAll(writer, story);
    await waiting;
    expect(reader.position()).toBe('1');
    expect(await reader.projects.keys()).toEqual(['a']);
  });

  it(
    'of which two project at once write each batch once',
    async () => {
      await fc.assert(
        fc.asyncProperty(histories(60), async (steps) => {
          const there = await place();
          const story = createStory();
          const [one, two] = [await openedViews(there), await openedViews(there)];
          const followers = [follow(one, story.store), follow(two, story.store)];
          await tell(story, steps);
          const last = await story.store.lastPosition();
          if (last !== undefined) await Promise.all([one.waitFor(last, 60_000), two.waitFor(last, 60_000)]);
          const alone = await openedViews();
          await projectAll(alone, story);
          const { checkpoint: _, ...rows } = await two.dump();
          expect({ checkpoint: _, ...rows }).toEqual(await alone.dump());
          for (const follower of followers) {
            follower.abort();
            await follower.done;
          }
        }),
        { numRuns: 4 },
      );
    },
    MANY_RUNS_MS,
  );

  it.each([
    ['commits, and write none of its events', 'commit', []],
    ['fails, and write them all', 'rollback', ['a', 'b']],
  ])('wait for a projector that stands within a batch until it %s', async (_, end, expected) => {
    const there = await place();
    const story = await told('a', 'b');
    const views = await openedViews(there);
    const [number] = await there.databases();
    await withClient(there.url, async (other) => {
      await other.query(`set search_path to waybill_views_${number}`);
      await other.query('begin; update checkpoint set position = 2');
      const projecting = projectAll(views, story);
      await eventually(async () => {
        const waiting = `select 1 from pg_locks where not granted and locktype in ('transactionid', 'tuple')`;
        return withClient(there.url, async (client) => (await client.query(waiting)).rowCount! > 0);
      });
      await other.query(end);
      await projecting;
    });
    expect(await views.projects.keys()).toEqual(expected);
    expect(views.position()).toBe('2');
  });

  it('go over to the database that one of them rebuilt; the old one goes with its last reader', async () => {
    const there = await place();
    const story = await told('a', 'b');
    const [rebuilder, reader] = [await openedViews(there), await openedViews(there)];
    const [first] = await there.databases();
    await projectAll(rebuilder, story);
    await reader.waitFor('2', 20_000);
    const asked = await withClient(there.url, async (client) => {
      await client.query(`begin; lock table waybill_views_${first}.projects in access exclusive mode`);
      const asking = reader.projects.keys();
      await rebuilder.rebuild(story.store);
      await story.project('c');
      await projectAll(rebuilder, story);
      await reader.waitFor('3', 20_000);
      expect(await there.databases()).toHaveLength(2);
      await client.query('rollback');
      return asking;
    });
    expect(asked).toEqual(['a', 'b']);
    expect(await reader.projects.keys()).toEqual(['a', 'b', 'c']);
    await eventually(async () => (await there.databases()).length === 1);
    expect(await there.databases()).not.toContain(first);
  });

  it(
    'may rebuild and project at once, and no reader sees a position go back',
    async () => {
      const there = await place();
      const story = await told('a');
      const all = [await openedViews(there), await openedViews(there), await openedViews(there)] as const;
      const [one, two, reader] = all;
      follow(one, story.store);
      follow(two, story.store);
      const rebuilding = Promise.all([one.rebuild(story.store), two.rebuild(story.store)]);
      let isOver = false;
      const looking = (async () => {
        let seen = 0;
        while (!isOver) {
          const position = Number(reader.position() ?? 0);
          expect(position).toBeGreaterThanOrEqual(seen);
          seen = position;
          expect((await reader.projects.keys()).length).toBeGreaterThanOrEqual(seen);
        }
      })();
      for (let n = 0; n < 40; n++) await story.project(`p${n}`);
      await rebuilding;
      await Promise.all(all.map((views) => views.waitFor('41', 20_000)));
      isOver = true;
      await looking;
      const alone = await openedViews();
      await projectAll(alone, story);
      for (const views of all) expect(await views.dump()).toEqual(await alone.dump());
      await eventually(async () => (await there.databases()).length === 1);
    },
    MANY_RUNS_MS,
  );

  it('of another version keep a database of their own, which goes when none of them runs', async () => {
    const there = await place();
    const older = await withClient(there.url, async (client) => {
      const views = await openedViews(there);
      const insert = `insert into waybill_views.databases (ledger, shape, live) values ($1, 'older', true) returning number`;
      const { rows } = await client.query<{ number: number }>(insert, [there.ledger]);
      const { number } = rows[0]!;
      await client.query(`create schema waybill_views_${number}`);
      await client.query('select pg_advisory_lock_shared($1, $2)', [0x7761_7962, number]);
      await views.close();
      await (await openedViews(there)).close();
      expect(await there.databases()).toContain(number);
      return number;
    });
    await openedViews(there);
    expect(await there.databases()).not.toContain(older);
  });

  it('of other ledgers do not meet', async () => {
    const [here, there] = [await place(), await place()];
    const [one, two] = [await openedViews(here), await openedViews(there)];
    await projectAll(one, await told('a'));
    await projectAll(two, await told('b', 'c'));
    expect([await one.projects.keys(), await two.projects.keys()]).toEqual([['a'], ['b', 'c']]);
    expect([one.position(), two.position()]).toEqual(['1', '2']);
  });
});

suite('a connection to PostgreSQL', () => {
  const proxies: Awaited<ReturnType<typeof openCuttingProxy>>[] = [];
  afterEach(async () => {
    for (const proxy of proxies.splice(0)) await proxy.close();
  });

  async function throughProxy(patienceMs?: number) {
    const there = await place();
    const proxy = await openCuttingProxy(there.url);
    proxies.push(proxy);
    const troubles: ViewsTrouble[] = [];
    const views = await openViews({
      url: proxy.url,
      folder: '',
      ledger: there.ledger,
      onTrouble: (trouble) => troubles.push(trouble),
      ...(patienceMs === undefined ? {} : { patienceMs }),
    });
    cleanUpLater(() => views.close());
    return { there, proxy, views, troubles };
  }

  it(
    'that breaks at any message, heard by the server or not, loses nothing and doubles nothing',
    async () => {
      await fc.assert(
        fc.asyncProperty(
          histories(60),
          fc.array(fc.tuple(fc.integer({ min: 1, max: 30 }), fc.boolean()), { minLength: 3, maxLength: 10 }),
          async (steps, cuts) => {
            const { proxy, views } = await throughProxy();
            const story = createStory();
            const follower = follow(views, story.store);
            const share = Math.ceil(steps.length / cuts.length);
            for (const [index, [at, delivered]] of cuts.entries()) {
              proxy.cutAt(at, delivered);
              await tell(story, steps.slice(index * share, (index + 1) * share));
              const last = await story.store.lastPosition();
              if (last !== undefined) await views.waitFor(last, 30_000);
            }
            proxy.cutAt(undefined, false);
            const alone = await openedViews();
            await projectAll(alone, story);
            expect(await views.dump()).toEqual(await alone.dump());
            follower.abort();
            await follower.done;
          },
        ),
        { numRuns: 5 },
      );
    },
    MANY_RUNS_MS,
  );

  it('that is away is waited for by questions and by the projector', async () => {
    const { proxy, views, troubles } = await throughProxy(30_000);
    const story = await told('a');
    follow(views, story.store);
    await views.waitFor('1', 20_000);
    proxy.down(true);
    const asking = views.projects.keys();
    await story.project('b');
    await eventually(() => new Set(troubles.map(({ what }) => what)).size === 3);
    proxy.down(false);
    expect(await asking).toEqual(expect.arrayContaining(['a']));
    await views.waitFor('2', 20_000);
    expect(await views.projects.keys()).toEqual(['a', 'b']);
    expect(new Set(troubles.map(({ what }) => what))).toEqual(
      new Set(['cannot-read', 'cannot-project', 'cannot-listen']),
    );
  });

  it('that stays away ends a question with STORE_UNAVAILABLE', async () => {
    const { proxy, views } = await throughProxy(100);
    proxy.down(true);
    await expect(views.projects.keys()).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
      message: expect.stringMatching(/^no connection to the views in 127\.0\.0\.1:\d+\/postgres: /),
      hint: expect.any(String),
    });
  });

  it('that comes back to a server restored to an earlier state tells the earlier position', async () => {
    const { there, proxy, views } = await throughProxy();
    const story = await told('a', 'b');
    await projectAll(views, story);
    const [number] = await there.databases();
    await there.run(number!, 'update checkpoint set position = 1; delete from projects where key = $$b$$');
    proxy.cut();
    await eventually(() => views.position() === '1');
    follow(views, story.store);
    await views.waitFor('2', 20_000);
    expect(await views.projects.keys()).toEqual(['a', 'b']);
  });
});

suite('views in PostgreSQL', () => {
  it(
    'are the same as in SQLite, to the last character',
    async () => {
      await fc.assert(
        fc.asyncProperty(histories(120), async (steps) => {
          const story = createStory();
          await tell(story, steps);
          const [here, there] = [await openedViews(), await openedViews(await place())];
          await projectAll(here, story);
          await projectAll(there, story);
          expect(await there.dump()).toEqual(await here.dump());
        }),
        { numRuns: 8 },
      );
    },
    MANY_RUNS_MS,
  );

  it('hold text that PostgreSQL has no place for with a sign in its stead', async () => {
    const story = await told('a');
    const [event] = await allEvents(story);
    const views = await openedViews(await place());
    const name = 'nul \0, half \ud83d, "quoted" \\u0000';
    await views.project([{ ...event!, data: { ...event!.data, name } }], story.store.ledgerId);
    expect(await views.projects.get('a')).toMatchObject({ name: 'nul \ufffd, half \ufffd, "quoted" \\u0000' });
  });

  it('say what to do when somebody dropped them, and come back with a rebuild or a restart', async () => {
    const there = await place();
    const story = await told('a');
    const views = await openedViews(there);
    await projectAll(views, story);
    const [first] = await there.databases();
    await there.run(first!, `drop schema waybill_views_${first} cascade`);
    await expect(views.projects.keys()).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
      message: expect.stringMatching(/cannot be used: relation "projects" does not exist$/),
      hint: expect.stringContaining('waybill rebuild'),
    });
    await views.rebuild(story.store);
    expect(await views.projects.keys()).toEqual(['a']);
    await views.close();
    const [second] = await there.databases();
    await there.run(second!, `drop schema waybill_views_${second} cascade`);
    const again = await openedViews(there);
    expect(again.position()).toBeUndefined();
  });

  it.each([
    ['a database that is not there', '/nowhere', 'CONFIGURATION', 'database "nowhere" does not exist'],
    ['a user that is not there', '/postgres', 'CONFIGURATION', 'role "nobody" does not exist'],
    ['a port where nothing listens', ':1/postgres', 'STORE_UNAVAILABLE', 'ECONNREFUSED'],
    ['an address that is none', ':port/postgres', 'CONFIGURATION', 'cannot be read'],
  ])('refuse %s, and tell no password', async (what, path, code, words) => {
    const { hostname, port } = new URL(await postgresUrl());
    const user = what.includes('user') ? 'nobody' : 'waybill';
    const host = path.startsWith(':') ? hostname : `${hostname}:${port}`;
    const url = `postgres://${user}:s3cret@${host}${path}`;
    const opening = (async () => openViews({ url, folder: '', ledger: newId(), patienceMs: 0 }))();
    const error: unknown = await opening.catch((failure: unknown) => failure);
    expect(error).toMatchObject({ code, message: expect.stringContaining(words), hint: expect.any(String) });
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain('s3cret');
  });
});
