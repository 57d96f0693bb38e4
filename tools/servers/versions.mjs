// What is installed, in one table. Servers of other versions are built beside these: a folder each, see cache.mjs.

/** The version that is meant when none is named. */
export const KUBERNETES_VERSION = '1.36.3';

/**
 * The old cluster. It has no aggregated discovery and no field validation, and serves `autoscaling/v2beta2` and
 * `policy/v1beta1` beside what replaced them. The oldest that the module proxy builds: before it, Kubernetes' OpenAPI
 * code was generated and not committed.
 */
export const OLD_KUBERNETES_VERSION = '1.24.17';

/** Works with every Kubernetes below. */
export const ETCD_VERSION = '3.6.9';
export const KWOK_VERSION = '0.8.0';
/** Versions of `istio.io/api`, whose CRDs these are; it has tags since 1.19. */
export const ISTIO_API = {
  /** Serves v1beta1 and v1alpha3. */
  1.16: '0.0.0-20221109202042-b9e5d446a83d',
  /** Serves v1, v1beta1 and v1alpha3. */
  '1.30': '1.30.3',
};

/** Of `istio.io/istio`, which has no tags in the module proxy: what its `latest` was in November 2026. */
export const ISTIOD_VERSION = '0.0.0-20260827124520-eed52ebb66ad';

/** Needs Java 17. */
export const KAFKA_VERSION = '4.1.0';
export const KAFKA_PACKAGE = `org.apache.kafka:kafka_2.13:${KAFKA_VERSION}`;

/** The oldest Go that all of this is built with. */
export const GO_VERSION = '1.26';

const CONTROL_PLANE = ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler'];

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

/** Those that 1.24 had not yet. */
const LATER = [
  'cri-client',
  'cri-streaming',
  'dynamic-resource-allocation',
  'endpointslice',
  'externaljwt',
  'kms',
  'streaming',
];

/**
 * How each Kubernetes is built and started. `go` is the language version of its module; `programs` are built beside
 * the API server; `apiserverFlags` are those that only it knows.
 * @type {Record<string, { go: string, staging: string[], require: string[], ldflags: string[], programs: string[],
 *   apiserverFlags: string[] }>}
 */
export const KUBERNETES = {
  [KUBERNETES_VERSION]: {
    go: '1.26',
    staging: STAGING,
    require: [],
    ldflags: [],
    programs: [...CONTROL_PLANE, 'kubectl'],
    // Watches are ended at an orderly end; without this it waits for them, up to a minute.
    apiserverFlags: ['--shutdown-watch-termination-grace-period=1s'],
  },
  [OLD_KUBERNETES_VERSION]: {
    go: '1.18',
    staging: [...STAGING.filter((name) => !LATER.includes(name)), 'legacy-cloud-providers'],
    // The one it names does not know the maps of today's Go, and reaches into the runtime in a way that has to be allowed.
    require: ['github.com/modern-go/reflect2 v1.0.3-0.20250322232337-35a7c28c31ee'],
    ldflags: ['-checklinkname=0'],
    programs: CONTROL_PLANE,
    apiserverFlags: [],
  },
};

/** The whole version for its first two parts, such as 1.24; a whole one is returned as it is. */
export function kubernetesVersion(name) {
  const found = Object.keys(KUBERNETES).find((version) => version === name || version.startsWith(`${name}.`));
  if (found) return found;
  throw new Error(
    `there is no recipe for Kubernetes ${name}: there is one for ${Object.keys(KUBERNETES).join(' and ')}`,
  );
}

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
