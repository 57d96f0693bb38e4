import type { EnvironmentId } from '@waybill/domain';
import type { Cluster, LiveObject, Selection } from './cluster.js';
import { isApiError } from './api-error.js';

/**
 * What stands in the cluster under the labels of an environment, of the kinds that are named; kinds that are not served
 * have nothing. Labels are only labels: whoever prunes looks at inventory and uid as well.
 */
export async function ownedBy(
  cluster: Cluster,
  { project, slot }: Pick<EnvironmentId, 'project' | 'slot'>,
  kinds: readonly Pick<Selection, 'apiVersion' | 'kind' | 'namespace'>[],
): Promise<LiveObject[]> {
  const labelSelector = `app.kubernetes.io/managed-by=waybill,waybill.dev/project=${project},waybill.dev/slot=${slot}`;
  const lists = await Promise.all(
    kinds.map(async (kind) => {
      try {
        return await cluster.list({ ...kind, labelSelector });
      } catch (error) {
        if (isApiError(error, 'KindNotServed')) return [];
        throw error;
      }
    }),
  );
  return lists.flat();
}
