import { type EnvironmentEvent, environmentName } from '@waybill/domain';
import { assertNever } from '@waybill/kernel';
import { directiveSentence } from '../rollout-sentences.js';
import { type Telling, short, whoOf } from './telling.js';

export function environmentSentence(event: EnvironmentEvent, { actor, nameOf }: Telling): string {
  const where = environmentName(event.data.environment);
  switch (event.type) {
    case 'DeploymentRequested': {
      const { generation, release, replaces } = event.data;
      const instead = replaces ? `, in place of generation ${replaces}` : '';
      return `${where} accepted release ${short(release)} as generation ${generation}${instead}.`;
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
      const why = cause === 'branch-deleted' ? 'its branch was deleted' : `${whoOf(actor, nameOf)} asked for it`;
      return `${where} is to be removed as generation ${generation}: ${why}.`;
    }
    case 'EnvironmentClosed':
      return `${where} takes no release any more that was asked for before; nothing ran there.`;
    case 'EnvironmentRemoved':
      return `${where} is removed: the operator confirmed that nothing is left.`;
    case 'ConfigChangeNoticed':
      return `The configuration of ${where} changed in ${event.data.directory}, commit ${short(event.data.commit)}.`;
    default:
      return assertNever(event);
  }
}
