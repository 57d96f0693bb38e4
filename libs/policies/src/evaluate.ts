import { type ReleaseEvent, isTerminal } from '@waybill/domain';
import type { RecordedEvent } from '@waybill/kernel';
import { type Policy, type PolicyDependencies, causedBy } from './policy.js';
import { readProject, readRelease } from './read.js';

export interface EvaluateDependencies extends PolicyDependencies {
  readonly openReleases: (project: string | undefined, position: string) => Promise<readonly string[]>;
}

/** Looks again at what holds a release whenever something happened that may free it. */
export function evaluateReleases(dependencies: EvaluateDependencies): Policy {
  const name = 'evaluate-releases';
  const { catalogue, openReleases } = dependencies;
  return {
    name,
    handles: new Set([
      'BranchMatched',
      'DeliverableProvided',
      'ConfigResolved',
      'ConfigUnresolved',
      'ReleaseApproved',
      'DeveloperMetadataSubmitted',
      'BusinessMetadataSubmitted',
      'DevopsMetadataSubmitted',
      'LocationOnboarded',
      'ResourceOnboarded',
    ]),
    async react(recorded) {
      const event = catalogue.upcast<ReleaseEvent>(recorded);
      const releases =
        'release' in event.data
          ? [event.data.release]
          : await openReleases(recorded.data['project'] as string | undefined, recorded.position);
      for (const release of releases) await evaluateOne(dependencies, name, release, recorded);
    },
  };
}

export async function evaluateOne(
  dependencies: PolicyDependencies,
  policy: string,
  release: string,
  cause: RecordedEvent,
): Promise<void> {
  const read = await readRelease(dependencies, release);
  if (!read?.state.rule || isTerminal(read.state.phase)) return;
  // While the configuration is being read there is nothing to say yet; its result comes by itself.
  const project = await readProject(dependencies, read.requested.project);
  if (project.developer && !read.state.config && !read.state.configProblem) return;
  await dependencies.send({
    type: 'EvaluateRelease',
    data: { release },
    metadata: { ...causedBy(cause, policy, release, dependencies.now()), correlationId: read.correlationId },
  });
}
