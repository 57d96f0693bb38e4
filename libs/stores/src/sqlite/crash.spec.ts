import { spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { copyFileSync, mkdtempSync, rmSync, statSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { verifyChain, type EventStore, type RecordedEvent } from '@waybill/kernel';
import { sampleEvents } from '@waybill/kernel/testing';
import Database from 'better-sqlite3';
import { openSqliteEventStore } from './event-store.js';

const CHILD = join(__dirname, '../../testing/append-until-killed.cjs');

describe('after a crash', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'waybill-crash-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  /** Lets a child append until it has acknowledged some batches, kills it, and returns every line it said. */
  const killWhileAppending = async (file: string, round: number): Promise<string[]> => {
    const child = spawn(process.execPath, [CHILD, file, String(round)], { stdio: ['ignore', 'pipe', 'inherit'] });
    const exited = once(child, 'exit');
    const acknowledged: string[] = [];
    const enough = randomInt(1, 60);
    for await (const line of createInterface({ input: child.stdout })) {
      acknowledged.push(line);
      if (acknowledged.length === enough) child.kill('SIGKILL');
    }
    expect(await exited).toEqual([null, 'SIGKILL']);
    return acknowledged;
  };

  it('holds every acknowledged batch and no part of one, five times on one file', async () => {
    const file = join(folder, 'events.sqlite');
    const acknowledged: string[] = [];
    for (let round = 0; round < 5; round++) {
      acknowledged.push(...(await killWhileAppending(file, round)));
      const store = openSqliteEventStore({ file });
      const streams = await intactStreams(store);
      for (const line of acknowledged) {
        const [stream, last, ...ids] = line.split(' ');
        const stored = streams.get(stream!)!.slice(Number(last) - 2, Number(last) + 1);
        expect(stored.map(({ id }) => id)).toEqual(ids);
      }
      for (const events of streams.values()) expect(events.length % 3).toBe(0);
      await store.append(`after-${round}`, sampleEvents(3), 'no-stream');
      await store.close();
      const check = new Database(file, { readonly: true });
      expect(check.pragma('integrity_check', { simple: true })).toBe('ok');
      check.close();
    }
    expect(acknowledged.length).toBeGreaterThan(0);
  }, 60_000);

  it('is a prefix of the log, whole appends only, wherever the write-ahead log was torn', async () => {
    const file = join(folder, 'events.sqlite');
    const store = openSqliteEventStore({ file });
    for (let i = 0; i < 30; i++) await store.append(`thing-${i % 4}-${i}`, sampleEvents(3), 'no-stream');
    const log = await store.readAll(undefined, 1000);
    const size = statSync(`${file}-wal`).size;
    expect(size).toBeGreaterThan(0);
    for (let cut = 0; cut < 20; cut++) {
      const torn = join(folder, `torn-${cut}.sqlite`);
      copyFileSync(file, torn);
      copyFileSync(`${file}-wal`, `${torn}-wal`);
      truncateSync(`${torn}-wal`, cut === 0 ? size : randomInt(0, size));
      const again = openSqliteEventStore({ file: torn, ledgerId: store.ledgerId });
      const events = [...(await intactStreams(again)).values()].flat();
      expect(events.map(({ id }) => id)).toEqual(log.slice(0, events.length).map(({ id }) => id));
      expect(events.length % 3).toBe(0);
      if (cut === 0) expect(events).toHaveLength(log.length);
      await again.close();
    }
    await store.close();
  });
});

/** Every stream of the log, its chain verified. */
async function intactStreams(store: EventStore): Promise<Map<string, RecordedEvent[]>> {
  const streams = new Map<string, RecordedEvent[]>();
  for (let after: string | undefined; ;) {
    const events = await store.readAll(after, 500);
    if (events.length === 0) break;
    for (const event of events) streams.set(event.stream, [...(streams.get(event.stream) ?? []), event]);
    after = events.at(-1)!.position;
  }
  for (const events of streams.values()) expect(verifyChain(store.ledgerId, events)).toBeUndefined();
  return streams;
}
