import { type EnvironmentId, environmentName } from '@waybill/domain';
import type { Channel } from '../channel.js';
import { deploymentReport, presentRecord } from './examples.js';

export interface LoadResult {
  /** Records and reports that were accepted by the channel. */
  readonly published: number;
  readonly reported: number;
  /** Publications that failed and were made again. */
  readonly failures: number;
  /** Of what was given: later deliveries of something that had been given before. */
  readonly repeated: number;
  /** What should have arrived and did not. */
  readonly lost: readonly string[];
  /** What arrived behind something newer of the same environment, or of the same reporter. */
  readonly reordered: readonly string[];
}

export interface Load {
  /** Resolves when so many publications were made, or made again, since the start. */
  attempts(count: number): Promise<void>;
  failed(count: number): Promise<void>;
  /** Ends the load, waits until everything has arrived, and says how it went. */
  finish(): Promise<LoadResult>;
}

/**
 * A ledger that publishes generation after generation, an operator that reports each, and a ledger that takes the
 * reports, all as fast as they get an answer. Whoever publishes tries again after a fault, as the dispatcher does.
 */
export function startLoad(
  { ledger, operator }: { readonly ledger: Channel; readonly operator: Channel },
  { location, environments }: { readonly location: string; readonly environments: number },
): Load {
  const stop = new AbortController();
  const newest = new Map<string, number>();
  const given = new Map<string, number>();
  const told = new Map<string, number>();
  const counts = { published: 0, reported: 0, failures: 0, repeated: 0, attempts: 0 };
  const reordered: string[] = [];
  const faults: unknown[] = [];
  let loading = true;
  let waiting: { readonly reached: () => boolean; readonly resolve: () => void }[] = [];
  const look = (): void => {
    for (const { resolve } of waiting.filter(({ reached }) => reached())) resolve();
    waiting = waiting.filter(({ reached }) => !reached());
  };
  const until = (reached: () => boolean): Promise<void> =>
    new Promise((resolve) => {
      waiting.push({ reached, resolve });
      look();
    });

  /** Notes `now` as the latest of `name`; what lies before it is told of. */
  function follow(where: Map<string, number>, name: string, now: number): void {
    const before = where.get(name) ?? -1;
    if (now === before) counts.repeated++;
    else if (now < before) reordered.push(`${name}: ${now} after ${before}`);
    where.set(name, Math.max(before, now));
  }

  async function publish(environment: EnvironmentId): Promise<void> {
    for (let generation = 1; loading; generation++) {
      for (let done = false; !done;) {
        counts.attempts++;
        try {
          await ledger.publish(presentRecord(environment, generation));
          done = true;
        } catch {
          counts.failures++;
          await new Promise((resolve) => setImmediate(resolve));
        }
        look();
      }
      counts.published++;
      newest.set(environmentName(environment), generation);
    }
  }

  let seq = 0;
  const consuming = [
    operator
      .consumeDesired(
        location,
        {
          async handle({ environment, generation }) {
            follow(given, environmentName(environment), generation);
            look();
            await operator.report(deploymentReport(environment, generation, seq++));
            counts.reported++;
          },
        },
        stop.signal,
      )
      .catch((error: unknown) => faults.push(error)),
    ledger
      .consumeReports((reports) => {
        for (const report of reports) if (report.kind === 'deployment') toldOf(report.seq);
        look();
        return Promise.resolve();
      }, stop.signal)
      .catch((error: unknown) => faults.push(error)),
  ];

  /** Reports are numbered through: one that was told may be told again with all after it. */
  function toldOf(number: number): void {
    const before = told.get('seq') ?? -1;
    if (number <= before) counts.repeated++;
    else if (number > before + 1) reordered.push(`report ${number} after ${before}`);
    told.set('seq', Math.max(before, number));
  }

  const publishing = Array.from({ length: environments }, (_, index) =>
    publish({ project: `load-${index}`, slot: 'dev', location }),
  );

  return {
    attempts: (count) => until(() => counts.attempts >= count),
    failed: (count) => until(() => counts.failures >= count),
    async finish() {
      loading = false;
      await Promise.all(publishing);
      const missing = (): string[] =>
        [...newest].filter(([name, generation]) => given.get(name) !== generation).map(([name]) => name);
      await until(() => faults.length > 0 || (missing().length === 0 && (told.get('seq') ?? -1) >= seq - 1));
      if (faults.length > 0) throw faults[0];
      stop.abort();
      await Promise.all(consuming);
      const { published, reported, failures, repeated } = counts;
      return { published, reported, failures, repeated, lost: missing(), reordered };
    },
  };
}
