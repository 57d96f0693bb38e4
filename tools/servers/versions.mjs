// What is installed, in one table. Servers of other versions are built beside these: a folder each, see cache.mjs.

/** The version that is meant when none is named. */
export const KUBERNETES_VERSION = '1.36.3';

/** Works with every Kubernetes below. */
export const ETCD_VERSION = '3.6.9';
export const KWOK_VERSION = '0.8.0';
/** Of `istio.io/api`, whose CRDs serve v1, v1beta1 and v1alpha3. */
export const ISTIO_API_VERSION = '1.30.3';

/** Needs Java 17. */
export const KAFKA_VERSION = '4.1.0';
export const KAFKA_PACKAGE = `org.apache.kafka:kafka_2.13:${KAFKA_VERSION}`;

/** The parts of Kubernetes that have a module of their own: its go.mod replaces them by folders, ours by versions. */
const STAGING = [
  'api',
  'apiextensions-apiserver',
  'apimachinery',
  'apiserver',
  'cli-runtime',
  'client-go',
  'cloud-provider',
  'cluster-bootstrap',
  'code-generator',
  'component-base',
  'component-helpers',
  'controller-manager',
  'cri-api',
  'cri-client',
  'cri-streaming',
  'csi-translation-lib',
  'dynamic-resource-allocation',
  'endpointslice',
  'externaljwt',
  'kms',
  'kube-aggregator',
  'kube-controller-manager',
  'kube-proxy',
  'kube-scheduler',
  'kubectl',
  'kubelet',
  'metrics',
  'mount-utils',
  'pod-security-admission',
  'sample-apiserver',
  'sample-cli-plugin',
  'sample-controller',
  'streaming',
];

/**
 * How each Kubernetes is built. `go` is the language version of its module and the oldest Go that builds it.
 * @type {Record<string, { go: string, staging: string[], require: string[], ldflags: string[] }>}
 */
export const KUBERNETES = {
  '1.36.3': { go: '1.26', staging: STAGING, require: [], ldflags: [] },
};

/** The go.mod of a module whose only purpose is to have these programs built from the module proxy. */
export function kubernetesModule(version) {
  const { go, staging, require } = KUBERNETES[version];
  const parts = version.replace(/^1\./, '0.');
  return [
    'module servers',
    `go ${go}`,
    `require k8s.io/kubernetes v${version}`,
    ...require.map((line) => `require ${line}`),
    ...staging.map((name) => `replace k8s.io/${name} => k8s.io/${name} v${parts}`),
    '',
  ].join('\n');
}

/** Without these the programs say that they are `v0.0.0-master`, and clients choose features by that. */
export function kubernetesLinkerFlags(version) {
  const [major, minor] = version.split('.');
  const stamped = ['k8s.io/component-base/version', 'k8s.io/client-go/pkg/version'].flatMap((name) => [
    `-X ${name}.gitVersion=v${version}`,
    `-X ${name}.gitMajor=${major}`,
    `-X ${name}.gitMinor=${minor}`,
  ]);
  return ['-s', '-w', ...KUBERNETES[version].ldflags, ...stamped].join(' ');
}
