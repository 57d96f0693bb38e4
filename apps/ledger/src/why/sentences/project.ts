import type { ProjectEvent } from '@waybill/domain';
import { assertNever } from '@waybill/kernel';
import { type Telling, count, whoOf } from './telling.js';

export function projectSentence(event: ProjectEvent, { actor, nameOf }: Telling): string {
  const who = whoOf(actor, nameOf);
  switch (event.type) {
    case 'ProjectRegistered':
      return `${who} registered project ${event.data.project} as "${event.data.name}".`;
    case 'DeveloperMetadataSubmitted':
      return `${who} submitted the developer section of ${event.data.project}.`;
    case 'BusinessMetadataSubmitted':
      return `${who} submitted the business section of ${event.data.project}.`;
    case 'DevopsMetadataSubmitted':
      return `${who} submitted the devops section of ${event.data.project}.`;
    case 'BranchRulesDefined': {
      const { project, preset, rules } = event.data;
      const how = preset ? `took the preset ${preset}` : `defined ${count(rules.length, 'branch rule')}`;
      return `${who} ${how} for ${project}.`;
    }
    case 'BranchDeleted': {
      const { branch, project, slot } = event.data;
      return `${who} reported that branch ${branch} of ${project} was deleted; the environments of slot ${slot} are to go.`;
    }
    default:
      return assertNever(event);
  }
}
