import type { JsonObject } from '@waybill/kernel';
import {
  TRACK_LABEL,
  namespaceOf,
  objectLabels,
  objectName,
  ownMetadata,
  trackLabels,
  traceAnnotations,
} from '../plan/naming.js';
import type { KubernetesObject } from '../plan/objects.js';
import type { PlanInput, Planner } from '../plan/planner.js';
import { deploymentName, plannedTrack } from '../plan/tracks.js';
import { autoscaler } from './autoscaler.js';
import { type ConfigFile, configChecksum, configFiles } from './config-files.js';
import { CONFIG_VOLUME, container } from './container.js';
import { services } from './services.js';

/**
 * A service on Kubernetes: Deployment, Service where it has ports, ConfigMap where it has files, autoscaler where
 * asked. Parameters of the resource: `namespace`, `serviceAccount`, `imagePullSecret`.
 */
export const planKubernetes: Planner = (input) => {
  const { desired } = input;
  const files = configFiles(desired.config.files);
  return [
    ...(files.length > 0 ? [configMap(input, files)] : []),
    ...(desired.service.ports.length > 0 ? services(input) : []),
    deployment(input, files),
    ...(desired.service.autoscaling ? [autoscaler(input, desired.service.autoscaling)] : []),
  ];
};

function metadataOf({ desired, generation, resource }: PlanInput, name: string): KubernetesObject['metadata'] {
  return { ...ownMetadata(desired, generation, namespaceOf(resource.parameters)), name };
}

/** Named by its content: the pods of another version, that mount theirs by its name, never see it change. */
function configMapName({ desired }: PlanInput): string {
  return objectName(desired.environment, configChecksum(desired.config.files).slice(0, 10));
}

function configMap(input: PlanInput, files: readonly ConfigFile[]): KubernetesObject {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: metadataOf(input, configMapName(input)),
    data: Object.fromEntries(files.map(({ key, text }) => [key, text])),
  };
}

function deployment(input: PlanInput, files: readonly ConfigFile[]): KubernetesObject {
  const { desired, tracks } = input;
  const track = plannedTrack(tracks);
  const metadata = metadataOf(input, deploymentName(desired.environment, track));
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { ...metadata, labels: { ...metadata.labels, [TRACK_LABEL]: track } },
    spec: {
      // With an autoscaler the count is its business: writing it here would undo its work at every release. Likewise
      // that of whoever scales a candidate.
      ...(desired.service.autoscaling || tracks.candidate ? {} : { replicas: desired.service.replicas }),
      revisionHistoryLimit: 10,
      progressDeadlineSeconds: 600,
      selector: { matchLabels: trackLabels(desired, track) },
      strategy: { type: 'RollingUpdate' },
      template: podTemplate(input, files),
    },
  };
}

function podTemplate(input: PlanInput, files: readonly ConfigFile[]): JsonObject {
  const { desired, generation, resource, tracks } = input;
  const serviceAccount = textParameter(resource, 'serviceAccount');
  const imagePullSecret = textParameter(resource, 'imagePullSecret');
  return {
    metadata: {
      labels: { ...objectLabels(desired), ...trackLabels(desired, plannedTrack(tracks)) },
      annotations: {
        ...traceAnnotations(desired, generation),
        ...(files.length > 0 ? { 'checksum/config': configChecksum(desired.config.files) } : {}),
      },
    },
    spec: {
      ...(serviceAccount === undefined ? {} : { serviceAccountName: serviceAccount }),
      ...(imagePullSecret === undefined ? {} : { imagePullSecrets: [{ name: imagePullSecret }] }),
      containers: [container(desired)],
      ...(files.length > 0 && {
        volumes: [
          {
            name: CONFIG_VOLUME,
            configMap: { name: configMapName(input), items: files.map(({ key, path }) => ({ key, path })) },
          },
        ],
      }),
    },
  };
}

function textParameter({ parameters }: PlanInput['resource'], name: string): string | undefined {
  const value = parameters[name];
  return value === undefined ? undefined : String(value);
}
