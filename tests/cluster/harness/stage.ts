import { testKubernetes } from '@waybill/adapters/testing';
import { kubectlOf, operatorKubeconfig, operatorToken, prepareCluster } from '@waybill/example';
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { until } from '../../e2e/harness/until.js';
import { type Kit, startKit } from '../../e2e/harness/kit.js';
import { applyObjects, kubectl, listObjects, type SeenRelease } from './kubectl.js';
import { type OperatorProcess, startOperator } from './operator-process.js';

/** A location of the test cluster: the operator's rights there are those of a service account of `infra/operator`. */
export interface Place {
  readonly location: string;
  /** Where its Releases, its lease and its service account are. */
  readonly namespace: string;
  /** Where the services' objects go. */
  readonly target: string;
  /** Starts another operator of it. */
  start(env?: Record<string, string>): Promise<OperatorProcess>;
  /** Gives the operators a new token, in the file that they read. */
  renewToken(): Promise<void>;
  /** Makes the token that they use worthless; resolves once the API server, which remembers tokens, refuses it. */
  revokeToken(): Promise<void>;
}

/** A ledger on Kafka with locations in the test cluster, none of which has an operator yet. */
export interface Stage {
  readonly kit: Kit;
  readonly channel: string;
  readonly prefix: string;
  place(name: string): Place;
  close(): Promise<void>;
}

export const brokers = (): string => process.env['KAFKA_BROKERS'] ?? '';

/** Operators tell objects apart by their location: those of another spec in the same cluster have other ones. */
export const uniqueName = (name: string): string => `${name}-${randomBytes(3).toString('hex')}`;

export async function startStage(locations: readonly string[], env: Record<string, string> = {}): Promise<Stage> {
  const prefix = `e2e-${randomBytes(4).toString('hex')}-`;
  const channel = `kafka://${brokers()}?prefix=${prefix}`;
  const kit = await startKit({ WAYBILL_CHANNEL: channel, ...env });
  const operators: OperatorProcess[] = [];
  const places = new Map<string, Place>();
  for (const location of locations) places.set(location, await makePlace(location, channel, kit.folder, operators));
  return {
    kit,
    channel,
    prefix,
    place(name) {
      const found = places.get(name);
      if (!found) throw new Error(`no location ${name}`);
      return found;
    },
    async close() {
      await Promise.all(operators.map((operator) => operator.kill()));
      await kit.close();
      await Promise.all([...places.values()].map(clearAway));
    },
  };
}

async function makePlace(
  location: string,
  channel: string,
  folder: string,
  operators: OperatorProcess[],
): Promise<Place> {
  const namespace = `waybill-${location}`;
  const target = location;
  const admin = kubectlOf(testKubernetes());
  await prepareCluster(admin, { location, namespace, target, channel });
  const tokenFile = join(folder, `${location}.token`);
  const kubeconfig = join(folder, `${location}.kubeconfig`);
  writeFileSync(kubeconfig, await operatorKubeconfig(admin, tokenFile), { mode: 0o600 });
  let secret = '';

  async function renewToken(): Promise<void> {
    // A token that is bound to a Secret is revoked with it.
    secret = uniqueName('token');
    await applyObjects({ apiVersion: 'v1', kind: 'Secret', metadata: { name: secret, namespace } });
    const bound = ['--bound-object-kind', 'Secret', '--bound-object-name', secret];
    writeFileSync(tokenFile, await operatorToken(admin, { namespace }, bound), { mode: 0o600 });
  }

  await renewToken();
  return {
    location,
    namespace,
    target,
    renewToken,
    async revokeToken() {
      await kubectl('delete', 'secret', '-n', namespace, secret);
      const operator = kubectlOf({ ...testKubernetes(), kubeconfig });
      await until(
        'the token is refused',
        () => operator(['get', 'releases', '-n', namespace]).catch((error: Error) => error.message),
        (answer) => answer.includes('Unauthorized') || answer.includes('must be logged in'),
      );
    },
    async start(env = {}) {
      const operator = await startOperator({
        WAYBILL_LOCATION: location,
        WAYBILL_CHANNEL: channel,
        WAYBILL_KUBECONFIG: kubeconfig,
        WAYBILL_NAMESPACE: namespace,
        ...env,
      });
      operators.push(operator);
      return operator;
    },
  };
}

/** Begun, not waited for. Nobody is left who would take the finalizers off. */
async function clearAway({ namespace, target }: Place): Promise<void> {
  for (const { metadata } of await listObjects<SeenRelease>(namespace, 'releases.waybill.dev')) {
    const patch = ['--type', 'merge', '-p', '{"metadata":{"finalizers":null}}'];
    await kubectl('patch', '-n', namespace, 'releases.waybill.dev', metadata.name, ...patch);
  }
  await kubectl('delete', 'namespace', namespace, target, '--wait=false', '--ignore-not-found');
}
