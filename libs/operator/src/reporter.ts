import type { Channel, DeploymentReport, DesiredRecord } from '@waybill/channel';
import { RetryableError } from '@waybill/kernel';

export type Observation = DeploymentReport['observation'];

/** Sends the reports of one operator: (epoch, seq) orders them for the ledger. */
export interface Reporter {
  readonly epoch: number;
  connected(software: string, capabilities: readonly string[]): Promise<void>;
  /**
   * Hands the report over in the order of the calls. Resolves when the ledger has it; rejects with a fault that passes
   * when it could not be told.
   */
  send(record: DesiredRecord, observation: Observation): Promise<void>;
  /**
   * The same for what others follow closely: it is handed over with the next report, at the latest a moment later, so
   * that the ledger records in one go what happens in one go.
   */
  note(record: DesiredRecord, observation: Observation): Promise<void>;
}

/** How long a noted report waits for the next one. */
const LINGER_MS = 50;

/** How long reports on their way may still arrive when the operator stops. What is lost is reported at the next start. */
const GRACE_MS = 5_000;

export function createReporter(options: {
  readonly channel: Pick<Channel, 'report'>;
  readonly location: string;
  readonly epoch: number;
  readonly now: () => Date;
  readonly stopping: AbortSignal;
}): Reporter {
  const { channel, location, epoch, now, stopping } = options;
  let seq = 0;

  const abandoned = new Promise<never>((_, reject) => {
    const giveUp = (): void => reject(new RetryableError('TIMEOUT', 'The operator stopped before the ledger answered'));
    stopping.addEventListener('abort', () => setTimeout(giveUp, GRACE_MS).unref(), { once: true });
  });
  abandoned.catch(() => undefined);

  const deliver = (report: Parameters<Channel['report']>[0]): Promise<void> => {
    const sent = Promise.race([channel.report(report), abandoned]);
    // Whoever sends several reports waits for them together: until then a failure has no one to catch it.
    sent.catch(() => undefined);
    return sent;
  };

  let noted: (() => void)[] = [];
  let timer: NodeJS.Timeout | undefined;

  const handOverNoted = (): void => {
    clearTimeout(timer);
    timer = undefined;
    const handOver = noted;
    noted = [];
    for (const one of handOver) one();
  };

  const reportOf = (
    { environment, generation, release }: DesiredRecord,
    observation: Observation,
  ): DeploymentReport => ({
    schema: 'waybill.dev/report/v1',
    kind: 'deployment',
    environment,
    generation,
    release,
    epoch,
    seq: seq++,
    occurredAt: now().toISOString(),
    observation,
  });

  return {
    epoch,
    connected: (software, capabilities) =>
      deliver({
        schema: 'waybill.dev/report/v1',
        kind: 'connected',
        location,
        epoch,
        occurredAt: now().toISOString(),
        software,
        capabilities: [...capabilities],
      }),
    send(record, observation) {
      handOverNoted();
      return deliver(reportOf(record, observation));
    },
    note(record, observation) {
      const report = reportOf(record, observation);
      const told = new Promise<void>((resolve, reject) => {
        noted.push(() => deliver(report).then(resolve, reject));
      });
      told.catch(() => undefined);
      timer ??= setTimeout(handOverNoted, LINGER_MS);
      return told;
    },
  };
}
