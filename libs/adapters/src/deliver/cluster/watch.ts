import type { IncomingMessage } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { type ApiError, TimeoutError, answeredError, isApiError } from './api-error.js';
import type { LiveObject, Selection, Watcher } from './cluster.js';
import type { Discovery } from './discovery.js';
import { type Json, numberAt, recordAt, textAt, valueAt } from './json-fields.js';
import { acceptMetadata, listPages, nameOfSelection, servedKind } from './list.js';
import { listedObject, parseAnswer, strangeAnswer } from './live-object.js';
import { linesOf } from './lines.js';
import { createKnownObjects } from './known-objects.js';
import { resourcePath, withQuery } from './resource-path.js';
import type { Transport } from './transport.js';

export interface WatchTimes {
  /** The server ends a watch after so many seconds; then it is begun again where it stopped. */
  readonly timeoutSeconds: number;
  /** Silence that means the connection is dead: the server sends a bookmark every minute. */
  readonly silenceMs: number;
  readonly firstPauseMs: number;
  readonly longestPauseMs: number;
}

const TIMES: WatchTimes = { timeoutSeconds: 240, silenceMs: 150_000, firstPauseMs: 250, longestPauseMs: 30_000 };
/** A watch that went on for so long was a good one: the next fault is a new one. */
const GOOD_MS = 5_000;

/**
 * Lists, then watches; lists again when the server has forgotten the version where the watch stopped (410), or whenever
 * anything about the watch is unclear. Between two lists nothing is lost: what is gone by the next one is told as
 * removed. Never rejects; resolves when the signal aborts.
 */
export async function watchSelection(
  connection: { readonly transport: Transport; readonly discovery: Discovery },
  selection: Selection,
  watcher: Watcher,
  signal: AbortSignal,
  times: WatchTimes = TIMES,
): Promise<void> {
  const known = createKnownObjects(selection);
  let version: string | undefined;
  let synced = false;
  let faults = 0;

  function handle(work: () => void): void {
    try {
      work();
    } catch (error) {
      // A watcher that throws must not end the watch of everything else.
      watcher.failed?.(error);
    }
  }

  function upsert(object: LiveObject): void {
    if (signal.aborted) return;
    const replaced = known.see(object);
    if (replaced) handle(() => watcher.remove(replaced));
    handle(() => watcher.upsert(object));
  }

  async function list(): Promise<string> {
    known.beginList();
    const from = await listPages(connection, selection, (objects) => objects.forEach(upsert), { signal });
    for (const object of known.endList()) handle(() => watcher.remove(object));
    if (!synced) handle(() => watcher.synced?.());
    synced = true;
    return from;
  }

  function told(event: Json): void {
    const type = textAt(event, 'type');
    const object = valueAt(event, 'object');
    if (type === 'ERROR') throw errorOf(selection, object);
    version = textAt(object, 'metadata', 'resourceVersion') ?? version;
    if (type === 'ADDED' || type === 'MODIFIED') upsert(object as unknown as LiveObject);
    if (type === 'DELETED') {
      const removed = object as unknown as LiveObject;
      known.forget(removed);
      handle(() => watcher.remove(removed));
    }
  }

  async function watch(from: string): Promise<void> {
    const what = `watch ${nameOfSelection(selection)}`;
    const served = await servedKind(connection.discovery, what, selection);
    const path = withQuery(resourcePath(served, { namespace: selection.namespace }), {
      watch: true,
      allowWatchBookmarks: true,
      resourceVersion: from,
      timeoutSeconds: times.timeoutSeconds,
      labelSelector: selection.labelSelector,
      fieldSelector: selection.fieldSelector,
    });
    const response = await connection.transport.stream({
      method: 'GET',
      path,
      what,
      ...(selection.metadataOnly && { accept: acceptMetadata('PartialObjectMetadata') }),
      signal,
    });
    const heard = listenFor(response, times);
    try {
      for await (const line of linesOf(response)) {
        heard.again();
        const event = parseAnswer(what, line);
        // Items of a watch have their apiVersion and kind; a bookmark has nothing but a version.
        if (textAt(event, 'type') !== 'BOOKMARK') checkItem(what, event);
        told(event);
      }
    } finally {
      heard.stop();
      response.destroy();
    }

    function checkItem(about: string, event: Json): void {
      if (textAt(event, 'type') === 'ERROR') return;
      const item = valueAt(event, 'object');
      if (item === undefined) throw strangeAnswer(about, 'an event without an object');
      listedObject(about, served, item);
    }
  }

  while (!signal.aborted) {
    const began = performance.now();
    try {
      version ??= await list();
      await watch(version);
      faults = performance.now() - began < 1_000 ? faults + 1 : 0;
    } catch (error) {
      if (signal.aborted) return;
      faults = performance.now() - began > GOOD_MS ? 1 : faults + 1;
      if (mustList(error)) version = undefined;
      if (isApiError(error, 'KindNotServed')) await forgetAll(error);
      handle(() => watcher.failed?.(error));
      await wait(pauseBefore(faults, error, times), signal);
      continue;
    }
    if (faults > 0) await wait(pauseBefore(faults, undefined, times), signal);
  }

  /** Its definition was deleted, and every object with it. */
  async function forgetAll(error: ApiError): Promise<void> {
    const group = selection.apiVersion.includes('/') ? selection.apiVersion.split('/')[0]! : '';
    const served = await connection.discovery.served().catch(() => undefined);
    if (error.status !== 404 || !served || served.unsure.has(group)) return;
    known.beginList();
    for (const object of known.endList()) handle(() => watcher.remove(object));
  }
}

/** After a cut connection the watch goes on where it was; in every case that is not clear everything is listed again. */
function mustList(error: unknown): boolean {
  if (!isApiError(error)) return !isOfNetwork(error);
  if (error.reason === 'StrangeAnswer') return true;
  return error.status !== null && error.status !== 429 && error.status < 500 && error.status !== 401;
}

function isOfNetwork(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code;
  return error instanceof TimeoutError || code === 'ECONNRESET' || code === 'ERR_STREAM_PREMATURE_CLOSE';
}

function errorOf(selection: Selection, status: Json): ApiError {
  const code = numberAt(status, 'code') ?? 500;
  return answeredError(`watch ${nameOfSelection(selection)}`, code, undefined, JSON.stringify(recordAt(status)));
}

/** Ends the stream when nothing was heard for too long: a peer that is gone without a word is found by nothing else. */
function listenFor(response: IncomingMessage, times: WatchTimes): { again(): void; stop(): void } {
  let timer: NodeJS.Timeout | undefined;
  const again = (): void => {
    clearTimeout(timer);
    timer = setTimeout(
      () => response.destroy(new TimeoutError(`nothing heard for ${times.silenceMs} ms`)),
      times.silenceMs,
    );
  };
  again();
  return { again, stop: () => clearTimeout(timer) };
}

/** Doubles up to the longest, with jitter, so that not all watches of all operators come back at once. */
function pauseBefore(faults: number, error: unknown, { firstPauseMs, longestPauseMs }: WatchTimes): number {
  // The first 410 is no fault of anyone.
  if (faults <= 1 && isApiError(error) && error.status === 410) return 0;
  const told = isApiError(error) ? (error.retryAfterSeconds ?? 0) * 1000 : 0;
  const doubled = Math.min(longestPauseMs, firstPauseMs * 2 ** Math.min(faults - 1, 20));
  return Math.max(told, doubled / 2 + (Math.random() * doubled) / 2);
}

async function wait(milliseconds: number, signal: AbortSignal): Promise<void> {
  await pause(milliseconds, undefined, { signal }).catch(() => undefined);
}
