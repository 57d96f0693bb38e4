import { type Channel, type DesiredRecord, type StandingEnvironment, resyncDigest } from '@waybill/channel';
import type { Observation } from '@waybill/domain';

/** Speaks for the operator of a location: what it was asked for, and what it says. */
export interface ClusterOperator {
  readonly asked: readonly DesiredRecord[];
  /** The first record of a release that matches, as soon as it is there. */
  askedFor(release: string, matches?: (record: DesiredRecord) => boolean): Promise<DesiredRecord>;
  report(record: DesiredRecord, ...observations: Observation[]): Promise<void>;
  /** Tells what stands there. */
  resync(...environments: StandingEnvironment[]): Promise<void>;
  stop(): Promise<void>;
}

/** Takes records and does nothing by itself: a spec says what it reports. */
export async function startClusterOperator(
  channel: Channel,
  location: string,
  epoch = Date.now(),
): Promise<ClusterOperator> {
  const asked: DesiredRecord[] = [];
  const waiting = new Set<() => void>();
  const stopping = new AbortController();
  let seq = 0;
  const schema = 'waybill.dev/report/v1';
  const occurredAt = (): string => new Date().toISOString();
  await channel.report({
    schema,
    kind: 'connected',
    location,
    epoch,
    occurredAt: occurredAt(),
    software: 'spec/1',
    capabilities: [],
  });
  const consuming = channel.consumeDesired(
    location,
    {
      handle: async (record) => {
        asked.push(record);
        for (const look of waiting) look();
      },
    },
    stopping.signal,
  );
  return {
    asked,
    askedFor: (release, matches = () => true) =>
      new Promise((resolve) => {
        const look = (): void => {
          const found = asked.find((record) => record.release === release && matches(record));
          if (!found) return;
          waiting.delete(look);
          resolve(found);
        };
        waiting.add(look);
        look();
      }),
    async report({ environment, generation, release }, ...observations) {
      for (const observation of observations) {
        seq += 1;
        const told = { environment, generation, release, epoch, seq, occurredAt: occurredAt(), observation };
        await channel.report({ schema, kind: 'deployment', ...told });
      }
    },
    resync: (...environments) =>
      channel.report({
        schema,
        kind: 'resync',
        location,
        epoch,
        occurredAt: occurredAt(),
        digest: resyncDigest(environments),
        environments,
      }),
    async stop() {
      stopping.abort();
      await consuming;
    },
  };
}
