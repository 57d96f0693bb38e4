import type { EnvironmentId } from '@waybill/domain';
import { canonicalText, sha256 } from '@waybill/kernel';
import type { DesiredRecord, DesiredState } from '../desired-state.js';
import {
  type ConnectedReport,
  type DeploymentReport,
  type HeartbeatReport,
  type ResyncReport,
  resyncDigest,
  sortedByName,
} from '../report.js';

/** A small record that passes the schema: one port, rolling, one kubernetes resource, git-ready. */
export function presentRecord(
  environment: EnvironmentId,
  generation: number,
  change: (desired: DesiredState) => DesiredState = (desired) => desired,
): DesiredRecord {
  const desired = change({
    schema: 'waybill.dev/desired-state/v1',
    environment,
    release: releaseId(generation),
    ref: { kind: 'branch', name: environment.slot },
    commit: '1'.repeat(40),
    tier: 'dev',
    deliverable: { kind: 'image', image: 'registry.example/app', digest: `sha256:${'a'.repeat(64)}` },
    strategy: { type: 'rolling' },
    service: {
      ports: [{ name: 'http', port: 8080, protocol: 'http' }],
      healthChecks: {},
      replicas: 1,
      cpu: null,
      memory: null,
      autoscaling: null,
      environmentVariables: {},
      domains: [],
      trafficPolicy: {},
    },
    config: {
      repository: 'https://git.example/config.git',
      directory: `${environment.project}/${environment.slot}`,
      commit: '2'.repeat(40),
      digest: '3'.repeat(40),
      files: {},
    },
    manifests: [],
    resources: [
      { resource: `kubernetes-${environment.location}`, kind: 'kubernetes', parameters: {}, connection: null },
    ],
    trace: { pipelineId: `pipeline-${generation}`, jobId: null, url: null, attributes: {} },
  });
  return {
    schema: 'waybill.dev/desired-record/v1',
    environment,
    generation,
    state: 'present',
    release: desired.release,
    digest: sha256(canonicalText(desired)),
    desired,
    directive: null,
    correlationId: releaseId(generation),
    causationId: releaseId(generation),
  };
}

export function absentRecord(environment: EnvironmentId, generation: number): DesiredRecord {
  return {
    schema: 'waybill.dev/desired-record/v1',
    environment,
    generation,
    state: 'absent',
    release: null,
    digest: null,
    desired: null,
    directive: null,
    correlationId: releaseId(generation),
    causationId: releaseId(generation),
  };
}

export function deploymentReport(environment: EnvironmentId, generation: number, seq: number): DeploymentReport {
  return {
    schema: 'waybill.dev/report/v1',
    kind: 'deployment',
    environment,
    generation,
    release: releaseId(generation),
    epoch: 1,
    seq,
    occurredAt: '2026-01-01T00:00:00.000Z',
    observation: { phase: 'accepted' },
  };
}

export function connectedReport(location: string, epoch: number): ConnectedReport {
  return {
    schema: 'waybill.dev/report/v1',
    kind: 'connected',
    location,
    epoch,
    occurredAt: '2026-01-01T00:00:00.000Z',
    software: 'waybill 0.1.0',
    capabilities: ['apps/v1/Deployment'],
  };
}

export function heartbeatReport(location: string, epoch: number): HeartbeatReport {
  return {
    schema: 'waybill.dev/report/v1',
    kind: 'heartbeat',
    location,
    epoch,
    occurredAt: '2026-01-01T00:00:00.000Z',
  };
}

/** What it tells stands at the location of the records. */
export function resyncReport(location: string, epoch: number, records: readonly DesiredRecord[]): ResyncReport {
  const environments = sortedByName(
    records.map(({ environment, generation, digest, state }) => ({
      environment,
      generation,
      digest,
      phase: state === 'present' ? 'healthy' : 'removed',
    })),
  );
  return {
    schema: 'waybill.dev/report/v1',
    kind: 'resync',
    location,
    epoch,
    occurredAt: '2026-01-01T00:00:00.000Z',
    digest: resyncDigest(environments),
    environments,
  };
}

const releaseId = (number: number): string => `00000000-0000-7000-8000-${String(number).padStart(12, '0')}`;
