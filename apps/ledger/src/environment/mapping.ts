import type { DeploymentRow, EnvironmentRow, Moment } from '@waybill/views';
import { type PrincipalRef, optionalPrincipal } from '../access/principal.js';
import type * as Api from '../graphql.gen.js';

/** `current`, `lastGood`, `running` and `release` are names here; resolvers look up what they name. */
export type EnvironmentAnswer = Omit<Api.Environment, 'current' | 'lastGood' | 'running' | 'rollout' | 'deployments'> &
  Pick<EnvironmentRow, 'current' | 'lastGood' | 'running'> & {
    readonly rollout: RolloutAnswer | null;
    /** As of when it is told; null for now. */
    readonly moment: Moment | null;
  };

type RolloutAnswer = Omit<Api.Rollout, 'directive'> & {
  readonly directive: (Omit<Api.RolloutDirective, 'by'> & { readonly by: PrincipalRef | null }) | null;
};

export function toEnvironment(row: EnvironmentRow, moment: Moment | null = null): EnvironmentAnswer {
  const { name, project, slot, location, state, generation, current, lastGood, running, drift, pendingConfig } = row;
  const { migratedFrom, migratedTo } = row;
  const rollout = row.rollout && toRollout(row.rollout);
  return {
    name,
    project,
    slot,
    location,
    state,
    generation,
    current,
    lastGood,
    running,
    rollout,
    drift,
    pendingConfig,
    moment,
    migratedFrom,
    migratedTo,
  };
}

function toRollout({ directive, ...rollout }: NonNullable<EnvironmentRow['rollout']>): RolloutAnswer {
  return { ...rollout, directive: directive && { ...directive, by: optionalPrincipal(directive.by) } };
}

/** Looked up by the resolvers of the fields. */
type Looked = 'release' | 'previous' | 'next' | 'desired' | 'actions' | 'changes' | 'incidents';

export type DeploymentAnswer = Omit<Api.Deployment, Looked> &
  Pick<DeploymentRow, 'release'> & { readonly moment: Moment | null };

export function toDeployment(row: DeploymentRow, moment: Moment | null = null): DeploymentAnswer {
  return {
    moment,
    name: row.name,
    environment: row.environment,
    project: row.project,
    slot: row.slot,
    location: row.location,
    generation: row.generation,
    state: row.state,
    message: row.message,
    release: row.release,
    ref: row.ref,
    commit: row.commit,
    deliverable: row.deliverable,
    configDigest: row.configDigest,
    desiredDigest: row.desired,
    tier: row.tier,
    replaces: row.replaces,
    copyOf: row.copyOf,
    counts: row.counts,
    deliveredCommit: row.deliveredCommit,
    objects: row.objects,
    requestedAt: row.requestedAt,
    finishedAt: row.finishedAt,
    durationMs: row.durationMs,
    drift: row.drift,
    correlationId: row.correlationId,
  };
}
