import { describe, expect, it } from '@jest/globals';
import { catalogue } from '@waybill/domain';
import { type EventStore, type Position, type RecordedEvent } from '@waybill/kernel';
import { createMemoryEventStore } from '@waybill/kernel/testing';
import { writeFeedStory } from '../testing/feed-story.js';
import { createFeedHistory } from './facts.js';
import { feedOf, runFeed, type FeedPublisher } from './feed.js';
import type { FeedRecord } from './kafka-record.js';
import { type FeedEvent, FEED_KINDS, FeedEventSchema, type Link, typeOf } from './schema.js';
import { FEED_TABLE, NOT_TOLD } from './table.js';

async function told(rounds = 1): Promise<{ store: EventStore; log: readonly RecordedEvent[]; events: FeedEvent[] }> {
  const store = createMemoryEventStore();
  await writeFeedStory(store, rounds);
  const log = await store.readAll(undefined, 1_000_000);
  const history = createFeedHistory({ store, catalogue });
  const events: FeedEvent[] = [];
  for (const recorded of log) events.push(...(await feedOf(recorded, { store, catalogue }, history)));
  return { store, log, events };
}

const kindsOf = (events: readonly FeedEvent[]): string[] => [...new Set(events.map(({ context }) => context.type))];

describe('the table of the feed', () => {
  it('has a word on every event of the ledger, and on no other', () => {
    const types = catalogue.streams.flatMap(({ events }) => Object.keys(events));
    expect([...Object.keys(FEED_TABLE), ...Object.keys(NOT_TOLD)].sort()).toEqual(types.sort());
  });

  it('uses every kind of event that the schema has', () => {
    const used = new Set(Object.values(FEED_TABLE).flatMap((rows) => rows.map(({ kind }) => kind)));
    expect([...used].sort()).toEqual([...FEED_KINDS].sort());
  });

  it('names its own types as CDEvents asks of custom events', () => {
    const own = /^dev\.cdeventsx\.[a-zA-Z0-9]+-[a-zA-Z]+\.[a-zA-Z]+\.[0-9]\.[0-9]\.[0-9]$/;
    const standard = /^dev\.cdevents\.[a-z]+\.[a-z]+\.[0-9]\.[0-9]\.[0-9]$/;
    for (const kind of FEED_KINDS) expect(typeOf(kind)).toMatch(kind.startsWith('waybill-') ? own : standard);
  });
});

describe('what the feed tells of a history', () => {
  it('has every kind of event, each one as the schema asks', async () => {
    const { events } = await told();
    expect(kindsOf(events).sort()).toEqual(FEED_KINDS.map(typeOf).sort());
    for (const event of events) expect(FeedEventSchema.parse(event)).toEqual(event);
  });

  it('has the same ids and contents when it is told again, from anywhere in the log', async () => {
    const { store, log, events } = await told(2);
    const half = log.slice(Math.floor(log.length / 2));
    const history = createFeedHistory({ store, catalogue });
    const again: FeedEvent[] = [];
    for (const recorded of half) again.push(...(await feedOf(recorded, { store, catalogue }, history)));
    expect(again).toEqual(events.slice(events.length - again.length));
    expect(new Set(events.map(({ context }) => context.id)).size).toBe(events.length);
  });

  it('links each event to one before it, back to what was asked for', async () => {
    const { events } = await told();
    const seen = new Map<string, FeedEvent>();
    for (const event of events) {
      for (const link of event.context.links ?? []) {
        const id = link.linkType === 'RELATION' ? link.target.contextId : link.from?.contextId;
        expect(seen.has(id!)).toBe(true);
      }
      seen.set(event.context.id, event);
    }
    const upgraded = events.find(({ context }) => context.type === typeOf('service.upgraded'))!;
    const path: string[] = [];
    for (let at: FeedEvent | undefined = upgraded; at;) {
      path.push(at.context.type);
      const link: Link | undefined = at.context.links?.find(({ linkType }) => linkType === 'PATH');
      at = link?.linkType === 'PATH' ? seen.get(link.from.contextId) : undefined;
    }
    expect(path).toEqual(
      (['service.upgraded', 'environment.modified', 'taskrun.started', 'waybill-release.approved'] as const).map(
        typeOf,
      ),
    );
    const relation = upgraded.context.links!.find(({ linkType }) => linkType === 'RELATION');
    const run = relation?.linkType === 'RELATION' && seen.get(relation.target.contextId!);
    expect(run).toMatchObject({ subject: { id: upgraded.customData.release } });
  });

  it('says which release, pipeline and job it was, and nothing about people but ids', async () => {
    const { events } = await told();
    const upgraded = events.find(({ context }) => context.type === typeOf('service.upgraded'))!;
    expect(upgraded).toMatchObject({
      subject: {
        content: {
          artifactId: `pkg:oci/shop@sha256%3A${'2'.repeat(64)}?repository_url=registry.example%3A5000/retail/shop&tag=1.4.0`,
        },
      },
      customData: {
        branch: 'feature/login',
        pipelineId: '81234',
        jobId: '990001',
        attributes: { ticket: 'SHOP-17' },
        generation: 2,
        actor: { kind: 'operator', id: 'prod1' },
      },
    });
    for (const { customData } of events) expect(Object.keys(customData.actor).sort()).toEqual(['id', 'kind']);
  });
});

describe('publishing', () => {
  /** Takes what it is given, or fails as told; ends the run when it has it all. */
  function publisher(total: number, failing: (attempt: number) => 'before' | 'after' | undefined = () => undefined) {
    const taken: FeedRecord[] = [];
    const done = new AbortController();
    let attempts = 0;
    const port: Pick<FeedPublisher, 'send'> = {
      async send(records) {
        const fails = failing(++attempts);
        if (fails !== 'before') taken.push(...records);
        if (new Set(taken.map(({ headers }) => headers['ce_id'])).size === total && !fails) done.abort();
        if (fails) throw new Error(`lost the broker ${fails} writing`);
      },
    };
    return { port, taken, done };
  }

  function checkpoints() {
    let kept: Position | undefined;
    return {
      load: async () => kept,
      async save(_: string, position: Position) {
        kept = position;
      },
    };
  }

  it('keeps the order of the log and repeats only the same events when the broker is away', async () => {
    const { store, events } = await told(3);
    const { port, taken, done } = publisher(events.length, (attempt) =>
      attempt === 1 ? 'before' : attempt === 2 ? 'after' : undefined,
    );
    const failures: number[] = [];
    const batches = { ...store, subscribe: (options?: object) => store.subscribe({ ...options, batchSize: 40 }) };
    await runFeed(
      {
        store: batches,
        catalogue,
        publisher: port,
        checkpoints: checkpoints(),
        onProgress: (progress) => failures.push(progress.failures),
      },
      done.signal,
    );
    expect(failures.slice(0, 4)).toEqual([0, 1, 2, 0]);
    const ids = taken.map(({ headers }) => headers['ce_id']);
    expect([...new Set(ids)]).toEqual(events.map(({ context }) => context.id));
    const byId = new Map<string | undefined, string>();
    for (const { headers, value } of taken) {
      expect(byId.get(headers['ce_id']) ?? value).toBe(value);
      byId.set(headers['ce_id'], value);
    }
  });

  it('goes on from its checkpoint after a restart, without a gap', async () => {
    const { store, events } = await told();
    const kept = checkpoints();
    const first = publisher(events.length);
    const killed = new AbortController();
    const stopping: Pick<FeedPublisher, 'send'> = {
      async send(records) {
        await first.port.send(records);
        // Written, and killed before the checkpoint.
        if (first.taken.length > 60) killed.abort();
      },
    };
    const batches = { ...store, subscribe: (options?: object) => store.subscribe({ ...options, batchSize: 7 }) };
    await runFeed({ store: batches, catalogue, publisher: stopping, checkpoints: kept }, killed.signal);
    const before = first.taken.length;
    expect(before).toBeLessThan(events.length);

    const rest = events.length - before;
    const second = publisher(rest);
    await runFeed({ store: batches, catalogue, publisher: second.port, checkpoints: kept }, second.done.signal);
    const ids = [...first.taken, ...second.taken].map(({ headers }) => headers['ce_id']);
    expect([...new Set(ids)]).toEqual(events.map(({ context }) => context.id));
  });

  it('is a CloudEvent in binary mode, with the key of its subject', async () => {
    const { store, events } = await told();
    const { port, taken, done } = publisher(events.length);
    await runFeed({ store, catalogue, publisher: port, checkpoints: checkpoints() }, done.signal);
    for (const [index, { key, value, headers }] of taken.entries()) {
      const { context, subject } = events[index]!;
      expect(JSON.parse(value)).toEqual(events[index]);
      expect(key).toBe(subject.id);
      expect(headers).toEqual({
        'content-type': 'application/json',
        ce_specversion: '1.0',
        ce_id: context.id,
        ce_source: context.source,
        ce_type: context.type,
        ce_subject: subject.id,
        ce_time: context.timestamp,
      });
    }
  });
});
