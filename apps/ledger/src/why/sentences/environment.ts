import { type EnvironmentEvent, environmentName } from '@waybill/domain';
import { assertNever } from '@waybill/kernel';
import { directiveSentence } from '../rollout-sentences.js';
import { type Telling, short, stripped, whoOf } from './telling.js';

export function environmentSentence(event: EnvironmentEvent, { actor, nameOf }: Telling): string {
  const where = environmentName(event.data.environment);
  switch (event.type) {
    case 'DeploymentRequested': {
      const { generation, release, replaces, copyOf } = event.data;
      const instead = replaces ? `, in place of generation ${replaces}` : '';
      const copy = copyOf ? `, a copy of generation ${copyOf.generation} at ${copyOf.location}` : '';
      return `${where} accepted release ${short(release)} as generation ${generation}${instead}${copy}.`;
    }
    case 'DeploymentRefused': {
      const { release, supersededBy } = event.data;
      const why = supersededBy
        ? `release ${short(supersededBy.release)} was asked for later and has generation ${supersededBy.generation}`
        : 'the environment was removed after it was asked for';
      return `${where} refused release ${short(release)}: ${why}.`;
    }
    case 'RolloutDirected':
      return directiveSentence(event, event.data.by === null ? whoOf(actor, nameOf) : nameOf(event.data.by));
    case 'EnvironmentRemovalRequested': {
      const { generation, cause } = event.data;
      const why = REMOVED_BECAUSE[cause] ?? `${whoOf(actor, nameOf)} asked for it`;
      return `${where} is to be removed as generation ${generation}: ${why}.`;
    }
    case 'EnvironmentClosed':
      return `${where} takes no release any more that was asked for before; nothing ran there.`;
    case 'EnvironmentRemoved':
      return `${where} is removed: the operator confirmed that nothing is left.`;
    case 'ConfigChangeNoticed':
      return `The configuration of ${where} changed in ${event.data.directory}, commit ${short(event.data.commit)}.`;
    case 'EnvironmentCopied':
      return `${where} carries on ${environmentName(event.data.migratedFrom)}, generation ${event.data.generation}.`;
    case 'EnvironmentCopyRefused':
      return `${where} could not be copied to ${event.data.to}: ${stripped(event.data.message)}.`;
    case 'EnvironmentCutOver':
      return `The copy of ${where} at ${event.data.to} is healthy: from here on that one counts.`;
    case 'EnvironmentCutBack':
      return `${where} counts again, no longer its copy at ${event.data.to}.`;
    case 'DeploymentForwarded':
      return `${where} has moved: release ${short(event.data.release)} is for the one at ${event.data.to}.`;
    default:
      return assertNever(event);
  }
}

type RemovalCause = Extract<EnvironmentEvent, { type: 'EnvironmentRemovalRequested' }>['data']['cause'];

const REMOVED_BECAUSE: { readonly [Cause in RemovalCause]?: string } = {
  'branch-deleted': 'its branch was deleted',
  migrated: 'its copy at the other location is healthy',
  'migration-reverted': 'the migration that copied it was reverted',
};
