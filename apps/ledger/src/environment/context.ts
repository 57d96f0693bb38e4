import type { DesiredState } from '@waybill/channel';
import {
  type DeploymentEvent,
  type DeploymentState,
  type EnvironmentCommand,
  type EnvironmentEvent,
  type EnvironmentState,
  type RolloutContext,
  deploymentDecider,
  deploymentStreamOf,
  environmentDecider,
  environmentStreamOf,
  rolloutSteps,
} from '@waybill/domain';
import { loadStream } from '@waybill/kernel';
import type { Parts } from '../parts.js';

type DirectRollout = Extract<EnvironmentCommand, { type: 'DirectRollout' }>['data'];

/**
 * How the rollout that is directed stands. What an operator reports meanwhile does no harm: it takes no notice of a
 * directive for a rollout that has ended. Null when the generation is not what is wanted there.
 */
export async function rolloutContext(
  parts: Parts,
  { environment, generation }: Pick<DirectRollout, 'environment' | 'generation'>,
): Promise<RolloutContext | null> {
  const { state } = await loadStream<EnvironmentState, EnvironmentEvent>(
    parts,
    environmentDecider,
    environmentStreamOf(environment),
  );
  const { current } = state;
  // That of an older generation is refused whatever it came to, and says so by its number.
  if (!current) return null;
  const [desired, deployment] = await Promise.all([
    parts.blobs.get(current.desired),
    loadStream<DeploymentState, DeploymentEvent>(parts, deploymentDecider, deploymentStreamOf(environment, generation)),
  ]);
  const { outcome, settled, rollout } = deployment.state;
  const { strategy } = JSON.parse(desired) as DesiredState;
  return {
    strategy: strategy.type,
    outcome: settled ? outcome : null,
    returned: rollout?.returned ?? false,
    step: rollout?.step ?? 0,
    of: rolloutSteps(strategy).length,
  };
}
