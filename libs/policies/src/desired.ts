import { type DesiredState } from '@waybill/channel';
import type { ParsedContents } from '@waybill/config';
import {
  type BranchRule,
  type Deliverable,
  type EnvironmentId,
  type ProjectState,
  type Ref,
  type ReleaseSource,
  type ResourceKind,
  type ResolvedConfig,
  strategyAt,
} from '@waybill/domain';
import { WaybillError } from '@waybill/kernel';

export interface DesiredInput {
  readonly environment: EnvironmentId;
  readonly release: string;
  readonly ref: Ref;
  readonly commit: string;
  readonly deliverable: Deliverable;
  readonly rule: BranchRule;
  readonly source: Pick<ReleaseSource, 'pipelineId' | 'jobId' | 'url' | 'attributes'>;
  /** The project's metadata as it stood when the release was planned. */
  readonly project: Pick<ProjectState, 'developer' | 'business' | 'devops'>;
  readonly config: Pick<ResolvedConfig, 'repository' | 'directory' | 'commit' | 'digest'>;
  readonly contents: ParsedContents;
  /** The location's resources that the rule means; `named`: as the rule calls it, where its location was migrated. */
  readonly resources: readonly {
    readonly resource: string;
    readonly named?: string;
    readonly kind: ResourceKind;
    readonly parameters: Readonly<Record<string, string | number | boolean>>;
    readonly connection: string | null;
  }[];
}

/**
 * The full desired state of one environment: a pure function of the release, the metadata as it stood, the
 * configuration's contents and the location's resources.
 */
export function composeDesiredState(input: DesiredInput): DesiredState {
  const { environment, project } = input;
  const { developer, business, devops } = project;
  if (!developer || !business || !devops) {
    throw new WaybillError('INVALID_STATE', `project ${environment.project} lacks metadata`, {
      hint: `waybill project missing ${environment.project} lists what must be given and by whom.`,
    });
  }
  const { settings, files, manifests } = input.contents;
  return {
    schema: 'waybill.dev/desired-state/v1',
    environment,
    release: input.release,
    ref: input.ref,
    commit: input.commit,
    tier: input.rule.tier,
    deliverable: input.deliverable,
    strategy: strategyAt(settings.strategy ?? input.rule.strategy, environment.slot),
    service: {
      ports: developer.ports,
      healthChecks: developer.healthChecks,
      replicas: settings.replicas,
      cpu: settings.cpu ?? devops.quotas.cpu ?? null,
      memory: settings.memory ?? devops.quotas.memory ?? null,
      autoscaling: settings.autoscaling ?? null,
      environmentVariables: {
        ...settings.env,
        ...Object.fromEntries(
          Object.entries(settings.secretEnv).map(([name, { secret, key }]) => [name, { from: `${secret}/${key}` }]),
        ),
      },
      domains: business.domains.map((domain) => domain.replaceAll('{slot}', environment.slot)),
      trafficPolicy: business.trafficPolicy,
    },
    config: { ...pick(input.config), files },
    manifests,
    resources: input.resources.map(({ resource, named = resource, kind, parameters, connection }) => ({
      resource,
      kind,
      // What a project says of a resource holds for the one that stands for it, until it says something of that one.
      parameters: { ...parameters, ...devops.resources[named], ...devops.resources[resource] },
      connection,
    })),
    trace: {
      pipelineId: input.source.pipelineId,
      jobId: input.source.jobId,
      url: input.source.url,
      attributes: input.source.attributes,
    },
  };
}

function pick({ repository, directory, commit, digest }: DesiredInput['config']) {
  return { repository, directory, commit, digest };
}
