import { HEARTBEAT_INTERVAL_MS, locationOf } from '@waybill/channel';
import {
  type HeldEnvironment,
  type Liveness,
  type Send,
  type WatchedOperator,
  answerResync,
  noteLiveness,
  recordReports,
} from '@waybill/policies';
import { MAX_PAGE } from '@waybill/views';
import type { Parts } from '../parts.js';
import { catchUpWithLog } from '../reading.js';
import { contentsOf } from './policy-dependencies.js';
import { keepRunning, pause } from './supervise.js';

/** Records what operators report, answers what they say stands with them, and notes who falls silent. */
export async function runReports(parts: Parts, send: Send, signal: AbortSignal): Promise<void> {
  const { store, catalogue, recent, channel, metrics, now, log } = parts;
  const commands = { store, catalogue, recent, send, now };
  const liveness = noteLiveness({
    send,
    now,
    interval: HEARTBEAT_INTERVAL_MS,
    watched: () => watchedOperators(parts),
  });
  const record = recordReports(commands, {
    onUnknown: (report) =>
      log.warn(`a report of ${locationOf(report)} about something that was never asked for was dropped`),
    onHeard: liveness.heard,
    onResync: answerResync({
      ...commands,
      channel,
      contents: contentsOf(parts),
      heldAt: (location) => heldAt(parts, location),
      onFault: (location, { kind, message }) => {
        metrics.resyncFault(location, kind);
        log.error(`resync of ${location}: ${message}; nothing was changed`);
      },
    }),
  });
  const recordAndTell: typeof record = async (reports) => {
    const refused = (await record(reports)) ?? [];
    for (const { report, problem } of refused) {
      log.warn(`a report of ${locationOf(report)} cannot be recorded: ${problem}`);
    }
    return refused;
  };
  await Promise.all([
    keepRunning('recording reports', (stop) => channel.consumeReports(recordAndTell, stop), signal, log),
    keepRunning('noting who is silent', (stop) => noteSilence(liveness, stop), signal, log),
  ]);
}

async function noteSilence(liveness: Liveness, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await pause(HEARTBEAT_INTERVAL_MS / 3, signal);
    if (!signal.aborted) await liveness.due();
  }
}

/** Those that run in a process of their own: the ones inside this process are there as long as it is. */
async function watchedOperators({ views }: Parts): Promise<WatchedOperator[]> {
  const watched: WatchedOperator[] = [];
  for (const { key: location, delivery, retired, operator } of await views.locations.all()) {
    if (retired || delivery.kind === 'git' || !operator) continue;
    watched.push({ location, epoch: operator.epoch, silent: operator.silent });
  }
  return watched;
}

async function heldAt(parts: Parts, location: string): Promise<HeldEnvironment[]> {
  await catchUpWithLog(parts);
  const held: HeldEnvironment[] = [];
  let after: string | null = null;
  do {
    const filter = { location, includeRemoved: true };
    const page = await parts.views.environments.list({ first: MAX_PAGE, after, filter });
    for (const { project, slot, generation, state } of page.nodes) {
      held.push({ environment: { project, slot, location }, generation, removed: state === 'removed' });
    }
    after = page.pageInfo.hasNextPage ? page.pageInfo.endCursor : null;
  } while (after !== null);
  return held;
}
