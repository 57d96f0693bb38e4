import { connectCluster } from '@waybill/adapters';
import { type KafkaAddress, createKafkaChannel, readKafkaAddress } from '@waybill/channel';
import { WaybillError, isWaybillError } from '@waybill/kernel';
import { type OperatorLog, startClusterOperator } from '@waybill/operator';
import type { Configuration } from './configuration.js';
import { serve } from './http.js';
import { createMetrics } from './metrics.js';
import { VERSION } from './version.js';

export interface OperatorProcess {
  /** Where `/metrics`, `/healthz` and `/readyz` are. */
  readonly url: string;
  /** Resolves after `stop`; rejects with what made it impossible to go on. */
  readonly done: Promise<void>;
  stop(): Promise<void>;
}

function addressOf({ channel }: Configuration): KafkaAddress {
  try {
    return readKafkaAddress(channel);
  } catch (error) {
    if (!isWaybillError(error, 'CONFIGURATION')) throw error;
    throw new WaybillError('CONFIGURATION', `WAYBILL_CHANNEL: ${error.message}`, { cause: error });
  }
}

/** Connects to the cluster and to Kafka, and operates the location. Rejects with `CONFIGURATION`. */
export async function startOperatorProcess(configuration: Configuration, log: OperatorLog): Promise<OperatorProcess> {
  const { location, namespace, identity, kubeconfig, context, listen } = configuration;
  const metrics = createMetrics();
  const address = addressOf(configuration);
  const cluster = await connectCluster({
    identity,
    ...(kubeconfig === undefined ? {} : { kubeconfig }),
    ...(context === undefined ? {} : { context }),
  });
  const channel = createKafkaChannel({ address, log, clientId: `waybill-operator-${location}` });
  const operator = startClusterOperator({
    channel,
    cluster: metrics.counting(cluster),
    location,
    namespace,
    identity,
    identityIsOurs: configuration.identityIsOurs,
    software: `waybill-operator/${VERSION}`,
    log,
    driftResyncMs: configuration.driftIntervalSeconds * 1000,
    defaults: {
      progressDeadlineSeconds: configuration.progressDeadlineSeconds,
      driftPolicy: configuration.driftPolicy,
    },
    counts: metrics.counts,
  });
  metrics.observe(operator.state);

  async function stop(): Promise<void> {
    await operator.stop();
    await channel.close();
    cluster.close();
  }

  try {
    const served = await serve(listen, {
      metrics: async () => ({ contentType: metrics.contentType, text: await metrics.text() }),
      waitingFor,
    });
    return {
      url: served.url,
      done: operator.done,
      async stop() {
        await stop();
        await served.close();
      },
    };
  } catch (error) {
    await stop();
    throw error;
  }

  /** The one that does not lead is ready to take over: only the leader has something to read. */
  function waitingFor(): readonly string[] {
    const { leading, caughtUp } = operator.state();
    return leading && !caughtUp ? ['the records of the location'] : [];
  }
}
