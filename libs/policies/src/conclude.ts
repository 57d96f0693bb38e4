import type { DeploymentEvent, EnvironmentEvent, EnvironmentId, LocationOutcome } from '@waybill/domain';
import { type RecordedEvent, isWaybillError } from '@waybill/kernel';
import { type Policy, type PolicyDependencies, causedBy } from './policy.js';
import { generationEvent, readDeployment } from './read.js';

/** Tells a release how each of its locations ended, and an environment that it is gone. */
export function concludeLocations(dependencies: PolicyDependencies): Policy {
  const name = 'conclude-locations';
  const { catalogue, send, now } = dependencies;

  async function conclude(
    cause: RecordedEvent,
    release: string,
    location: string,
    generation: number | null,
    outcome: LocationOutcome,
    message: string | null,
  ): Promise<void> {
    try {
      await send({
        type: 'ConcludeLocation',
        data: { release, location, generation, outcome, message },
        metadata: causedBy(cause, name, release, now()),
      });
    } catch (error) {
      // A copy, or one whose copy counts: the release waits for another location. Others are to be told all the same.
      if (!isWaybillError(error, 'INVALID_STATE')) throw error;
    }
  }

  /**
   * An operator works on one generation of an environment at a time and reports in order: when it takes up a newer
   * one, what it has not concluded before it never will. It may have passed over generations, removals too, since the
   * channel need not keep what a newer record replaced.
   */
  async function concludeOvertaken(cause: RecordedEvent, environment: EnvironmentId, newer: number): Promise<void> {
    for (let generation = newer - 1; generation >= 1; generation--) {
      const asked = await generationEvent(dependencies, environment, generation);
      if (!asked) return;
      const { outcome, removed } = await readDeployment(dependencies, environment, generation);
      if (outcome || removed) return;
      if (asked.event.type !== 'DeploymentRequested') continue;
      const message = `generation ${newer} took its place`;
      await conclude(cause, asked.event.data.release, environment.location, generation, 'superseded', message);
    }
  }

  return {
    name,
    handles: new Set([
      'DeploymentRefused',
      'DeploymentAccepted',
      'DeploymentDelivered',
      'DeploymentHealthy',
      'DeploymentFailed',
      'DeploymentRejected',
      'DeploymentRemoved',
    ]),
    async react(recorded) {
      const event = catalogue.upcast<DeploymentEvent | EnvironmentEvent>(recorded);
      switch (event.type) {
        case 'DeploymentRefused': {
          const { release, environment, supersededBy } = event.data;
          const message = supersededBy
            ? `release ${supersededBy.release} was asked for later and holds generation ${supersededBy.generation}`
            : 'the environment was removed after this release was asked for';
          return conclude(recorded, release, environment.location, null, 'superseded', message);
        }
        case 'DeploymentAccepted':
          return concludeOvertaken(recorded, event.data.environment, event.data.generation);
        case 'DeploymentDelivered':
        case 'DeploymentHealthy':
        case 'DeploymentFailed':
        case 'DeploymentRejected': {
          const { release, environment, generation } = event.data;
          // What cannot be read is rejected without being accepted first.
          if (event.type === 'DeploymentRejected') await concludeOvertaken(recorded, environment, generation);
          if (release === null) return;
          const message = 'message' in event.data ? event.data.message : null;
          return conclude(recorded, release, environment.location, generation, OUTCOMES[event.type], message);
        }
        case 'DeploymentRemoved': {
          const { environment, generation } = event.data;
          const target = `${environment.project}.${environment.slot}@${environment.location}`;
          await send({
            type: 'ConfirmRemoval',
            data: { environment, generation },
            metadata: causedBy(recorded, name, target, now()),
          });
          return;
        }
        default:
          return;
      }
    },
  };
}

const OUTCOMES = {
  DeploymentDelivered: 'delivered',
  DeploymentHealthy: 'healthy',
  DeploymentFailed: 'failed',
  DeploymentRejected: 'rejected',
} as const;
