import { type KubernetesObject, toYaml } from '@waybill/adapters';
import { releaseCrd } from './crd.js';
import { operatorRbac } from './rbac.js';

export interface ManifestOptions {
  readonly namespace: string;
  readonly location: string;
  readonly channel: string;
  readonly image: string;
  /** False for Kubernetes before 1.25, which knows no rules in a CRD. */
  readonly crdRules?: boolean;
  /** Variables that the operator is given besides. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** What stands in the files of infra/operator: to be changed to what the location is really called. */
export const EXAMPLE_MANIFESTS: ManifestOptions = {
  namespace: 'waybill-system',
  location: 'dev',
  channel: 'kafka://kafka.kafka:9092',
  image: 'waybill/operator:0.1.0',
};

const NAME = 'waybill-operator';

/** The Secret that holds the password of an address with `sasl=`; whoever installs the operator creates it. */
const PASSWORD = { name: 'waybill-kafka', key: 'password' };

/** Everything an operator needs in its cluster, by file name: what is applied first comes first. */
export function operatorManifests(options: ManifestOptions): Readonly<Record<string, readonly KubernetesObject[]>> {
  const { namespace, crdRules = true } = options;
  return {
    'crd.yaml': [releaseCrd({ rules: crdRules })],
    'rbac.yaml': [
      { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } },
      { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: NAME, namespace } },
      ...operatorRbac(namespace),
    ],
    'deployment.yaml': [deployment(options)],
  };
}

export const manifestText = (objects: readonly KubernetesObject[]): string => objects.map(toYaml).join('---\n');

/** Two of them, one of which leads: the other takes over within the lease's fifteen seconds. */
function deployment({ namespace, location, channel, image, settings = {} }: ManifestOptions): KubernetesObject {
  const labels = { 'app.kubernetes.io/name': NAME };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: NAME, namespace, labels },
    spec: {
      replicas: 2,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          serviceAccountName: NAME,
          securityContext: { runAsNonRoot: true, runAsUser: 65_532, seccompProfile: { type: 'RuntimeDefault' } },
          containers: [
            {
              name: 'operator',
              image,
              env: [
                { name: 'WAYBILL_LOCATION', value: location },
                { name: 'WAYBILL_CHANNEL', value: channel },
                { name: 'WAYBILL_NAMESPACE', valueFrom: { fieldRef: { fieldPath: 'metadata.namespace' } } },
                { name: 'WAYBILL_IDENTITY', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
                // A pod's container is started again only when it has ended.
                { name: 'WAYBILL_UNIQUE_IDENTITY', value: 'true' },
                { name: 'WAYBILL_LISTEN', value: '0.0.0.0:7071' },
                ...Object.entries(settings).map(([name, value]) => ({ name, value })),
                ...(/[?&]sasl=/.test(channel)
                  ? [{ name: 'WAYBILL_KAFKA_PASSWORD', valueFrom: { secretKeyRef: PASSWORD } }]
                  : []),
              ],
              ports: [{ name: 'http', containerPort: 7071 }],
              livenessProbe: { httpGet: { path: '/healthz', port: 'http' } },
              readinessProbe: { httpGet: { path: '/readyz', port: 'http' } },
              resources: { requests: { cpu: '50m', memory: '128Mi' }, limits: { memory: '512Mi' } },
              securityContext: {
                allowPrivilegeEscalation: false,
                readOnlyRootFilesystem: true,
                capabilities: { drop: ['ALL'] },
              },
            },
          ],
        },
      },
    },
  };
}
