import { type Json, isRecord, listAt, numberAt, recordAt, textAt } from './json-fields.js';
import type { Cluster, LiveObject } from './cluster.js';

/** The pods of the newest state of a workload, and the objects between the workload and its pods. */
export interface PodsOf {
  readonly pods: readonly LiveObject[];
  readonly between: readonly LiveObject[];
}

/** Kinds of `apps` and `batch`, Knative's Service, and a pod itself; nothing for others. */
export async function podsOf(cluster: Cluster, workload: LiveObject): Promise<PodsOf> {
  const { kind, apiVersion, metadata } = workload;
  const { namespace = 'default', name, uid } = metadata;
  if (kind === 'Pod' && apiVersion === 'v1') return { pods: [workload], between: [] };

  const inNamespace = (ofApi: string, ofKind: string, labelSelector: string): Promise<readonly LiveObject[]> =>
    cluster.list({ apiVersion: ofApi, kind: ofKind, namespace, labelSelector });

  if (kind === 'Service' && apiVersion.startsWith('serving.knative.dev/')) {
    const revision = textAt(workload['status'], 'latestCreatedRevisionName');
    const pods = await inNamespace('v1', 'Pod', `serving.knative.dev/service=${name}`);
    const ofRevision = pods.filter(({ metadata: { labels } }) => labels?.['serving.knative.dev/revision'] === revision);
    return { pods: revision === undefined ? pods : ofRevision, between: [] };
  }
  if (!/^(apps|batch)\//.test(apiVersion)) return { pods: [], between: [] };
  const labelSelector = selectorText(recordAt(workload, 'spec', 'selector'));
  if (labelSelector === '') return { pods: [], between: [] };
  const pods = await inNamespace('v1', 'Pod', labelSelector);
  if (kind === 'Deployment') {
    const sets = await inNamespace('apps/v1', 'ReplicaSet', labelSelector);
    const newest = sets.filter((set) => isOwnedBy(set, uid)).sort((a, b) => revisionOf(b) - revisionOf(a))[0];
    if (!newest) return { pods: [], between: [] };
    return { pods: pods.filter((pod) => isOwnedBy(pod, newest.metadata.uid)), between: [newest] };
  }
  const own = pods.filter((pod) => isOwnedBy(pod, uid));
  const revision = textAt(workload['status'], 'updateRevision');
  const updated = own.filter(({ metadata: { labels } }) => labels?.['controller-revision-hash'] === revision);
  return { pods: updated.length > 0 ? updated : own, between: [] };
}

function isOwnedBy({ metadata }: LiveObject, uid: string): boolean {
  return listAt(metadata, 'ownerReferences').some((owner) => textAt(owner, 'uid') === uid);
}

function revisionOf({ metadata }: LiveObject): number {
  return numberAt(metadata.annotations, 'deployment.kubernetes.io/revision') ?? 0;
}

/** `LabelSelector` as the text that a list takes. */
function selectorText(selector: Json): string {
  const labels = Object.entries(recordAt(selector, 'matchLabels')).map(([name, value]) => `${name}=${String(value)}`);
  const expressions = listAt(selector, 'matchExpressions').flatMap((expression) => {
    const key = textAt(expression, 'key') ?? '';
    const values = listAt(expression, 'values')
      .filter((value) => !isRecord(value))
      .join(',');
    switch (textAt(expression, 'operator')) {
      case 'In':
        return [`${key} in (${values})`];
      case 'NotIn':
        return [`${key} notin (${values})`];
      case 'Exists':
        return [key];
      case 'DoesNotExist':
        return [`!${key}`];
      default:
        return [];
    }
  });
  return [...labels, ...expressions].join(',');
}
