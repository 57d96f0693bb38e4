import type { DesiredState } from '@waybill/channel';
import type { JsonObject } from '@waybill/kernel';
import {
  namespaceOf,
  objectLabels,
  objectName,
  ownMetadata,
  selectorLabels,
  traceAnnotations,
} from '../plan/naming.js';
import { type KubernetesObject, servedVersion } from '../plan/objects.js';
import type { PlanInput, Planner } from '../plan/planner.js';
import { RejectedError } from '../plan/rejected.js';
import { type ConfigFile, configChecksum, configFiles } from './config-files.js';
import { CONFIG_VOLUME, container } from './container.js';

/**
 * A service on Kubernetes: Deployment, Service where it has ports, ConfigMap where it has files, autoscaler where
 * asked. Parameters of the resource: `namespace`, `serviceAccount`, `imagePullSecret`.
 */
export const planKubernetes: Planner = (input) => {
  const { desired } = input;
  if (desired.strategy.type !== 'rolling') {
    throw new RejectedError('UnsupportedStrategy', `There is no adapter for the strategy ${desired.strategy.type}`, {
      hint: 'Use the strategy rolling in the branch rule and in waybill.yaml.',
    });
  }
  const files = configFiles(desired.config.files);
  return [
    ...(files.length > 0 ? [configMap(input, files)] : []),
    ...(desired.service.ports.length > 0 ? [service(input)] : []),
    deployment(input, files),
    ...(desired.service.autoscaling ? [autoscaler(input, desired.service.autoscaling)] : []),
  ];
};

function metadataOf({ desired, generation, resource }: PlanInput): KubernetesObject['metadata'] {
  return ownMetadata(desired, generation, namespaceOf(resource.parameters));
}

function configMap(input: PlanInput, files: readonly ConfigFile[]): KubernetesObject {
  return {
    apiVersion: servedVersion(input.capabilities, 'ConfigMap', ['v1']),
    kind: 'ConfigMap',
    metadata: metadataOf(input),
    data: Object.fromEntries(files.map(({ key, text }) => [key, text])),
  };
}

function service(input: PlanInput): KubernetesObject {
  return {
    apiVersion: servedVersion(input.capabilities, 'Service', ['v1']),
    kind: 'Service',
    metadata: metadataOf(input),
    spec: {
      selector: selectorLabels(input.desired),
      ports: input.desired.service.ports.map(({ name, port, protocol }) => ({
        name,
        port,
        targetPort: name,
        protocol: 'TCP',
        appProtocol: protocol,
      })),
    },
  };
}

function deployment(input: PlanInput, files: readonly ConfigFile[]): KubernetesObject {
  const { desired } = input;
  return {
    apiVersion: servedVersion(input.capabilities, 'Deployment', ['apps/v1']),
    kind: 'Deployment',
    metadata: metadataOf(input),
    spec: {
      // With an autoscaler the count is its business: writing it here would undo its work at every release.
      ...(desired.service.autoscaling ? {} : { replicas: desired.service.replicas }),
      revisionHistoryLimit: 10,
      progressDeadlineSeconds: 600,
      selector: { matchLabels: selectorLabels(desired) },
      strategy: { type: 'RollingUpdate' },
      template: podTemplate(input, files),
    },
  };
}

function podTemplate({ desired, generation, resource }: PlanInput, files: readonly ConfigFile[]): JsonObject {
  const serviceAccount = textParameter(resource, 'serviceAccount');
  const imagePullSecret = textParameter(resource, 'imagePullSecret');
  return {
    metadata: {
      labels: { ...objectLabels(desired), ...selectorLabels(desired) },
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
            configMap: { name: objectName(desired.environment), items: files.map(({ key, path }) => ({ key, path })) },
          },
        ],
      }),
    },
  };
}

function autoscaler(input: PlanInput, scaling: NonNullable<DesiredState['service']['autoscaling']>): KubernetesObject {
  return {
    // autoscaling/v2beta2 has the same fields and is what 1.12 to 1.22 serve.
    apiVersion: servedVersion(input.capabilities, 'HorizontalPodAutoscaler', ['autoscaling/v2', 'autoscaling/v2beta2']),
    kind: 'HorizontalPodAutoscaler',
    metadata: metadataOf(input),
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: objectName(input.desired.environment) },
      minReplicas: scaling.minReplicas,
      maxReplicas: scaling.maxReplicas,
      metrics: [
        {
          type: 'Resource',
          resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: scaling.targetCpuPercent } },
        },
      ],
    },
  };
}

function textParameter({ parameters }: PlanInput['resource'], name: string): string | undefined {
  const value = parameters[name];
  return value === undefined ? undefined : String(value);
}
