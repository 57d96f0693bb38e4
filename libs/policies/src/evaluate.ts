import { isOpen } from '@waybill/domain';
import type { RecordedEvent } from '@waybill/kernel';
import { type Policy, type PolicyDependencies, causedBy } from './policy.js';
import { readRelease } from './read.js';

const NAME = 'evaluate-releases';

export interface EvaluateDependencies extends PolicyDependencies {
  readonly openReleases: (project: string | undefined, position: string) => Promise<readonly string[]>;
}

/**
 * Looks again at what holds a release when something happened elsewhere that may free it. What happens to the release
 * itself is followed by an evaluation in the same append.
 */
export function evaluateReleases(dependencies: EvaluateDependencies): Policy {
  const { openReleases } = dependencies;
  return {
    name: NAME,
    handles: new Set([
      'DeveloperMetadataSubmitted',
      'BusinessMetadataSubmitted',
      'DevopsMetadataSubmitted',
      'LocationOnboarded',
      'ResourceOnboarded',
    ]),
    async react(recorded) {
      const project = recorded.data['project'] as string | undefined;
      const releases = await openReleases(project, recorded.position);
      for (const release of releases) await evaluateOne(dependencies, release, recorded);
    },
  };
}

export async function evaluateOne(
  dependencies: PolicyDependencies,
  release: string,
  cause: RecordedEvent,
): Promise<void> {
  const read = await readRelease(dependencies, release);
  if (!read || !isOpen(read.state)) return;
  await dependencies.send({
    type: 'EvaluateRelease',
    data: { release },
    metadata: { ...causedBy(cause, NAME, release, dependencies.now()), correlationId: read.correlationId },
  });
}
