import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** A control plane, by the paths of its programs and files. */
export interface ControlPlane {
  readonly kubectl: string;
  /** May do everything. */
  readonly kubeconfig: string;
}

export interface ClusterLocation {
  readonly location: string;
  /** Of its operator: Releases, lease and service account are there. */
  readonly namespace: string;
  /** Where the services' objects go. */
  readonly target: string;
  /** Address of Kafka as the operator is given it. */
  readonly channel: string;
}

const OPERATOR = join(__dirname, '../../../apps/operator/dist/main.js');

export type Kubectl = (args: readonly string[], input?: string) => Promise<string>;

/** kubectl as the admin of a control plane; rejects with what it wrote to stderr. */
export function kubectlOf({ kubectl, kubeconfig }: ControlPlane): Kubectl {
  return async (args, input = '') => {
    const running = promisify(execFile)(kubectl, ['--kubeconfig', kubeconfig, ...args], {
      maxBuffer: 64 * 1024 * 1024,
    });
    running.child.stdin?.end(input);
    return (await running).stdout;
  };
}

/** CRD, rights and namespaces for the operator of a location, as `--print-manifests` gives them to everybody. */
export async function prepareCluster(kubectl: Kubectl, place: ClusterLocation): Promise<void> {
  const { location, namespace, target, channel } = place;
  const flags = ['--print-manifests', '--namespace', namespace, '--location', location, '--channel', channel];
  const { stdout } = await promisify(execFile)(process.execPath, [OPERATOR, ...flags]);
  // Of these the Deployment alone has the label: the operator runs beside the cluster here, for nothing runs in it.
  const apply = ['apply', '--server-side', '--force-conflicts', '-f', '-'];
  await kubectl([...apply, '--selector', '!app.kubernetes.io/name'], stdout);
  await kubectl(
    apply,
    [namespaceNamed(target), ...budgetRights(place)].map((one) => JSON.stringify(one)).join('\n---\n'),
  );
  await untilServed(kubectl, 'releases.waybill.dev');
}

/**
 * A CRD is served a moment after it was applied. Not `kubectl wait --for=condition=Established`: that fails on one that
 * has no conditions yet.
 */
export async function untilServed(kubectl: Kubectl, resource: string, timeoutMs = 30_000): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    try {
      await kubectl(['get', resource, '--all-namespaces']);
      return;
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

const namespaceNamed = (name: string): object => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });

/**
 * The operator may write what Waybill itself plans. Objects of other kinds that a configuration brings along, here the
 * disruption budget of production, need a right of their own.
 */
function budgetRights({ namespace }: ClusterLocation): object[] {
  const name = 'waybill-operator-budgets';
  const verbs = ['get', 'list', 'watch', 'create', 'patch', 'delete'];
  const apiVersion = 'rbac.authorization.k8s.io/v1';
  return [
    {
      apiVersion,
      kind: 'ClusterRole',
      metadata: { name },
      rules: [{ apiGroups: ['policy'], resources: ['poddisruptionbudgets'], verbs }],
    },
    {
      apiVersion,
      kind: 'ClusterRoleBinding',
      metadata: { name: `${name}-${namespace}` },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name },
      subjects: [{ kind: 'ServiceAccount', name: 'waybill-operator', namespace }],
    },
  ];
}

/** Text of a kubeconfig with which the operator reads its token from a file, as in a pod. */
export async function operatorKubeconfig(kubectl: Kubectl, tokenFile: string): Promise<string> {
  const admin = JSON.parse(await kubectl(['config', 'view', '--raw', '--flatten', '-o', 'json'])) as {
    contexts: { name: string; context: object }[];
  };
  const user = 'waybill-operator';
  return JSON.stringify({
    ...admin,
    users: [{ name: user, user: { tokenFile } }],
    contexts: admin.contexts.map((one) => ({ ...one, context: { ...one.context, user } })),
  });
}

/** A token of the operator's service account. `more` are flags of `kubectl create token`. */
export async function operatorToken(
  kubectl: Kubectl,
  { namespace }: Pick<ClusterLocation, 'namespace'>,
  more: readonly string[] = [],
): Promise<string> {
  return (await kubectl(['create', 'token', 'waybill-operator', '-n', namespace, ...more])).trim();
}
