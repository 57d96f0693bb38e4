import { until } from '../../e2e/harness/until.js';
import { applyObjects, kubectl } from './kubectl.js';

/** How pods of the test cluster may end (docs/servers.md). */
export type Fate = 'pull-fails' | 'crash-loops' | 'unready' | 'slow';

/** A configuration whose pods end so; without a fate they become ready at once. */
export const fated = (fate?: Fate, more = ''): string =>
  `replicas: 1\ncpu: 100m\nmemory: 64Mi\n${more}${fate ? `env:\n  POD_FATE: ${fate}\n` : ''}`;

/**
 * The test cluster's node looks at a label of the pod, which no configuration of a service can set. So the API server
 * sets it, by a policy of this cluster, to what the pod's environment says.
 * https://kubernetes.io/docs/reference/access-authn-authz/mutating-admission-policy/
 */
export async function givenPodFates(): Promise<void> {
  const name = 'pod-fates';
  const fates = `object.spec.containers.filter(c, has(c.env) && c.env.exists(e, e.name == 'POD_FATE'))`;
  const fate = `${fates}[0].env.filter(e, e.name == 'POD_FATE')[0].value`;
  await applyObjects(
    {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'MutatingAdmissionPolicy',
      metadata: { name },
      spec: {
        failurePolicy: 'Fail',
        reinvocationPolicy: 'Never',
        matchConstraints: {
          resourceRules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] }],
        },
        matchConditions: [{ name: 'fated', expression: `size(${fates}) > 0` }],
        mutations: [
          {
            patchType: 'JSONPatch',
            jsonPatch: {
              expression: `[JSONPatch{op: "add", path: "/metadata/labels/servers.waybill.dev~1pod", value: ${fate}}]`,
            },
          },
        ],
      },
    },
    {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'MutatingAdmissionPolicyBinding',
      metadata: { name },
      spec: { policyName: name },
    },
  );
  const env = '--env=POD_FATE=slow';
  const asked = ['run', 'asked', '--image=none', '--dry-run=server', env, '-o', 'jsonpath={.metadata.labels}'];
  await until(
    'pods end as their environment says',
    () => kubectl(...asked),
    (labels) => labels.includes('slow'),
  );
}
