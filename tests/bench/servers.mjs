import { MissingServer } from '../../tools/servers/programs.mjs';
import { startKafka } from '../../tools/servers/kafka.mjs';
import { startKubernetes } from '../../tools/servers/kubernetes.mjs';

/** A broker that is given is used as it is, and stays. */
const startOrGiven = (options) =>
  process.env.KAFKA_BROKERS
    ? Promise.resolve({ brokers: process.env.KAFKA_BROKERS.split(','), stop: () => Promise.resolve() })
    : startKafka(options);

/** By the names under which a benchmark asks for them. */
const STARTS = { kafka: startOrGiven, kubernetes: startKubernetes, newer: startKubernetes };

/**
 * Runs a benchmark on servers of its own, which are gone afterwards. Where one of them is not installed it says so in
 * the one line that tools/bench.mjs looks for, and nothing has failed.
 * @param {string} name of the benchmark
 * @param {{ kafka?: Parameters<typeof startKafka>[0], kubernetes?: Parameters<typeof startKubernetes>[0],
 *   newer?: Parameters<typeof startKubernetes>[0] }} wanted the servers it needs, with their options; `newer` is a second
 *   control plane
 * @param {(servers: { kafka: Awaited<ReturnType<typeof startKafka>>,
 *   kubernetes: Awaited<ReturnType<typeof startKubernetes>> }) => Promise<void>} work
 */
export async function withServers(name, wanted, work) {
  const names = Object.keys(wanted);
  const started = await Promise.allSettled(names.map((server) => STARTS[server](wanted[server])));
  try {
    const fault = started.find(({ status }) => status === 'rejected')?.reason;
    if (fault instanceof MissingServer) {
      console.log(`bench ${name} skipped, because ${fault.message}`);
      return;
    }
    if (fault) throw fault;
    await work(Object.fromEntries(started.map(({ value }, index) => [names[index], value])));
  } finally {
    await Promise.all(started.map(({ value }) => value?.stop()));
  }
}
