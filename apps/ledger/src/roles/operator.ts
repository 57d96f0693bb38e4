import { createGitDelivery } from '@waybill/adapters';
import type { Delivery, LocationEvent } from '@waybill/domain';
import { canonicalText } from '@waybill/kernel';
import { type OperatorLog, startOperator } from '@waybill/operator';
import { join } from 'node:path';
import type { Log } from '../log.js';
import type { Parts } from '../parts.js';
import { catchUpWithLog } from '../reading.js';
import { VERSION } from '../version.js';
import { keepRunning } from './supervise.js';

interface Served {
  readonly delivery: string;
  readonly stop: AbortController;
  readonly done: Promise<void>;
}

/**
 * An operator inside this process for each location that is delivered through Git. Locations that are retired keep
 * theirs: what runs there may still have to be removed.
 */
export async function runOperators(parts: Parts, signal: AbortSignal): Promise<void> {
  const { store, catalogue, views, log } = parts;
  const served = new Map<string, Served>();
  let fail: (error: unknown) => void = () => undefined;
  const failure = new Promise<never>((_, reject) => (fail = reject));
  const serve = (location: string, delivery: Delivery, lastEpoch: number | undefined): void => {
    const text = canonicalText(delivery);
    const before = served.get(location);
    if (before?.delivery === text) return;
    before?.stop.abort();
    const stop = new AbortController();
    const done = (before?.done ?? Promise.resolve()).then(() =>
      operate(parts, location, delivery, lastEpoch, AbortSignal.any([signal, stop.signal])),
    );
    // What passes is tried again inside; what comes out of it does not pass, and must end the process.
    done.catch(fail);
    served.set(location, { delivery: text, stop, done });
  };

  const watching = keepRunning(
    'watching locations',
    async (stop) => {
      await catchUpWithLog(parts);
      const after = views.position();
      for (const { key, delivery, operator } of await views.locations.all()) serve(key, delivery, operator?.epoch);
      for await (const batch of store.subscribe({ after, signal: stop })) {
        for (const recorded of batch) {
          if (recorded.type !== 'LocationOnboarded' && recorded.type !== 'LocationChanged') continue;
          const event = catalogue.upcast<LocationEvent>(recorded);
          if ('delivery' in event.data) serve(event.data.location, event.data.delivery, undefined);
        }
      }
    },
    signal,
    log,
  );
  await Promise.race([watching, failure]);
  await Promise.allSettled([...served.values()].map(({ done }) => done));
}

async function operate(
  { channel, configuration, log }: Parts,
  location: string,
  delivery: Delivery,
  lastEpoch: number | undefined,
  signal: AbortSignal,
): Promise<void> {
  // The other ways have an operator of their own, outside.
  if (delivery.kind !== 'git') return;
  const { repository, branch } = delivery;
  await keepRunning(
    `the operator of ${location}`,
    async (stop) => {
      const target = createGitDelivery({
        repository,
        branch,
        workFolder: join(configuration.data, 'deliveries', location),
      });
      const operator = startOperator({
        channel,
        location,
        delivery: target,
        software: `waybill/${VERSION}`,
        driftIntervalMs: configuration.driftIntervalSeconds * 1000,
        log: operatorLog(log),
        ...(lastEpoch === undefined ? {} : { lastEpoch }),
      });
      stop.addEventListener('abort', () => void operator.stop(), { once: true });
      try {
        await operator.done;
      } finally {
        await operator.stop();
        await target.close();
      }
    },
    signal,
    log,
  );
}

const operatorLog = (log: Log): OperatorLog => ({
  info: () => undefined,
  warn: (line) => log.warn(line),
  error: (line) => log.error(line),
});
