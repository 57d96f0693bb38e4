import type { Cluster } from '@waybill/adapters';
import type { OperatorCounts, OperatorState } from '@waybill/operator';
import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';

export interface Metrics {
  /** Prometheus text exposition format. */
  text(): Promise<string>;
  readonly contentType: string;
  readonly counts: OperatorCounts;
  /** The same cluster, every request counted. */
  counting(cluster: Cluster): Cluster;
  /** What to look at when metrics are asked for. */
  observe(state: () => OperatorState): void;
}

export function createMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  const requests = new Counter({
    name: 'waybill_operator_requests_total',
    help: 'Requests to the API server, by verb and result; a watch counts once.',
    labelNames: ['verb', 'result'],
    registers,
  });
  const looks = new Histogram({
    name: 'waybill_operator_look_seconds',
    help: 'Time of one look at a Release, by how it ended.',
    labelNames: ['result'],
    buckets: [0.005, 0.02, 0.1, 0.5, 2, 10],
    registers,
  });
  const actions = new Counter({
    name: 'waybill_operator_actions_total',
    help: 'What the operator did and saw, by phase.',
    labelNames: ['phase'],
    registers,
  });

  function counted<A extends unknown[], R>(verb: string, send: (...args: A) => Promise<R>): (...args: A) => Promise<R> {
    return async (...args) => {
      try {
        const answer = await send(...args);
        requests.inc({ verb, result: 'ok' });
        return answer;
      } catch (error) {
        const { reason = 'Unexpected' } = error as { reason?: string };
        requests.inc({ verb, result: reason });
        throw error;
      }
    };
  }

  return {
    text: () => registry.metrics(),
    contentType: registry.contentType,
    counts: {
      looked: (result, seconds) => looks.observe({ result }, seconds),
      observed: ({ phase }) => actions.inc({ phase }),
    },
    counting(cluster) {
      const { server, identity, capabilities, refresh, onServed, watch, close } = cluster;
      const dryRuns = counted('dry-run', cluster.apply);
      const applies = counted('apply', cluster.apply);
      return {
        server,
        ...(identity === undefined ? {} : { identity }),
        capabilities,
        refresh,
        onServed,
        watch(...args) {
          requests.inc({ verb: 'watch', result: 'ok' });
          return watch(...args);
        },
        get: counted('get', cluster.get),
        list: counted('list', cluster.list),
        apply: (object, options) => (options?.dryRun ? dryRuns : applies)(object, options),
        create: counted('create', cluster.create),
        replace: counted('replace', cluster.replace),
        replaceStatus: counted('status', cluster.replaceStatus),
        remove: counted('delete', cluster.remove),
        close,
      };
    },
    observe(state) {
      const gauge = (name: string, help: string, value: (state: OperatorState) => number): void => {
        new Gauge({
          name,
          help,
          registers,
          collect() {
            this.set(value(state()));
          },
        });
      };
      gauge('waybill_operator_leading', '1 when this process leads.', ({ leading }) => Number(leading));
      gauge('waybill_operator_waiting_reports', 'Reports that Kafka has not taken yet.', (now) => now.waitingReports);
      gauge('waybill_operator_busy', 'Releases that are being looked at.', ({ busy }) => busy);
      new Gauge({
        name: 'waybill_operator_releases',
        help: 'Releases, by the step they are at.',
        labelNames: ['step'],
        registers,
        collect() {
          this.reset();
          for (const { status } of state().releases) this.inc({ step: status?.step ?? 'New' });
        },
      });
    },
  };
}
