import type { DesiredState } from '@waybill/channel';
import type { JsonObject, JsonValue } from '@waybill/kernel';
import { namespaceOf, objectLabels, traceAnnotations } from './naming.js';
import type { KubernetesObject } from './objects.js';
import { RejectedError } from './rejected.js';

/** Kinds that belong to no namespace. Those of custom resources are unknown here: they name their namespace or not. */
const CLUSTER_SCOPED = new Set([
  'APIService',
  'CSIDriver',
  'CSINode',
  'CertificateSigningRequest',
  'ClusterIssuer',
  'ClusterRole',
  'ClusterRoleBinding',
  'CustomResourceDefinition',
  'FlowSchema',
  'GatewayClass',
  'IngressClass',
  'MutatingAdmissionPolicy',
  'MutatingAdmissionPolicyBinding',
  'MutatingWebhookConfiguration',
  'Namespace',
  'Node',
  'PersistentVolume',
  'PodSecurityPolicy',
  'PriorityClass',
  'PriorityLevelConfiguration',
  'RuntimeClass',
  'StorageClass',
  'ValidatingAdmissionPolicy',
  'ValidatingAdmissionPolicyBinding',
  'ValidatingWebhookConfiguration',
  'VolumeAttachment',
]);

/** `app.kubernetes.io/*` say what an object is, and its author may know better; the rest says that it is ours. */
const AUTHORS_OWN = ['app.kubernetes.io/name', 'app.kubernetes.io/instance', 'app.kubernetes.io/version'];

/** The extra objects as they are, with our labels and annotations, and the environment's namespace where none is named. */
export function extraObjects(desired: DesiredState, generation: number): KubernetesObject[] {
  const environmentNamespace = namespaceOf(
    (desired.resources.find(({ kind }) => kind === 'kubernetes') ?? { parameters: {} }).parameters,
  );
  return desired.manifests.map(({ file, object }) => {
    const { apiVersion, kind, metadata: given, ...rest } = object;
    if (typeof apiVersion !== 'string' || typeof kind !== 'string') throw invalid(file, 'has no apiVersion or no kind');
    const metadata = mapping(given, file, 'metadata');
    const { name, namespace, labels: givenLabels, annotations, ...others } = metadata;
    if (typeof name !== 'string' || name === '') throw invalid(file, `holds a ${kind} without metadata.name`);
    const labels = texts(givenLabels, file, 'metadata.labels');
    const ours = objectLabels(desired);
    for (const label of AUTHORS_OWN) if (labels[label] !== undefined) delete ours[label];
    return {
      apiVersion,
      kind,
      metadata: {
        name,
        ...namespaced(namespace, kind, environmentNamespace),
        labels: { ...labels, ...ours },
        annotations: { ...texts(annotations, file, 'metadata.annotations'), ...traceAnnotations(desired, generation) },
        ...inKeyOrder(others),
      },
      ...inKeyOrder(rest),
    };
  });
}

function namespaced(own: JsonValue | undefined, kind: string, namespace: string): { namespace?: string } {
  if (typeof own === 'string' && own !== '') return { namespace: own };
  return CLUSTER_SCOPED.has(kind) ? {} : { namespace };
}

function mapping(value: JsonValue | undefined, file: string, where: string): JsonObject {
  if (value === undefined || value === null) return {};
  if (typeof value !== 'object' || Array.isArray(value)) throw invalid(file, `has a ${where} that is no mapping`);
  return value as JsonObject;
}

function texts(value: JsonValue | undefined, file: string, where: string): Record<string, string> {
  return Object.fromEntries(
    Object.entries(inKeyOrder(mapping(value, file, where))).map(([key, text]) => {
      if (typeof text !== 'string') throw invalid(file, `has a ${where} whose ${key} is no text`);
      return [key, text];
    }),
  );
}

/** The order of keys is no statement, and is lost on the way through the ledger: the same content is the same text. */
function inKeyOrder(value: JsonObject): JsonObject;
function inKeyOrder(value: JsonValue | undefined): JsonValue | undefined;
function inKeyOrder(value: JsonValue | undefined): JsonValue | undefined {
  if (Array.isArray(value)) return value.map((item: JsonValue) => inKeyOrder(item)!);
  if (typeof value !== 'object' || value === null) return value;
  const object = value as JsonObject;
  return Object.fromEntries(
    Object.keys(object)
      .sort()
      .map((key) => [key, inKeyOrder(object[key])]),
  );
}

const invalid = (file: string, problem: string): RejectedError =>
  new RejectedError('InvalidManifest', `manifests/${file} ${problem}`.replace('manifests/manifests/', 'manifests/'), {
    hint: 'Give one complete object per document, with apiVersion, kind and metadata.name.',
  });
