import { type LocationEvent, environmentName } from '@waybill/domain';
import { assertNever } from '@waybill/kernel';
import { type Telling, whoOf } from './telling.js';

export function locationSentence(event: LocationEvent, { actor, nameOf }: Telling): string {
  const who = whoOf(actor, nameOf);
  switch (event.type) {
    case 'LocationOnboarded':
      return `${who} onboarded location ${event.data.location}, delivered through ${event.data.delivery.kind}.`;
    case 'LocationChanged':
      return `${who} changed how location ${event.data.location} is delivered: through ${event.data.delivery.kind}.`;
    case 'LocationRetired':
      return `${who} retired location ${event.data.location}: it takes no more deployments.`;
    case 'ResourceOnboarded':
      return `${who} onboarded resource ${event.data.resource} at ${event.data.location}.`;
    case 'ResourceChanged':
      return `${who} changed resource ${event.data.resource} at ${event.data.location}.`;
    case 'ResourceRetired':
      return `${who} retired resource ${event.data.resource} at ${event.data.location}.`;
    case 'OperatorConnected':
      return `The operator of ${event.data.location} connected (${softwareWords(event.data.software)}).`;
    case 'OperatorSilent':
      return `The operator of ${event.data.location} was not heard of for longer than it should be.`;
    case 'OperatorHeard':
      return `The operator of ${event.data.location} is heard of again.`;
    case 'LocationResynced': {
      const { location, corrected, further } = event.data;
      const words = corrected.map(({ environment, generation, by }) =>
        by === 'published'
          ? `generation ${generation} of ${environmentName(environment)} was sent again`
          : `how generation ${generation} of ${environmentName(environment)} ended was taken over`,
      );
      const more = further > 0 ? [`and ${further} more`] : [];
      return `What stands at ${location} was compared with the ledger: ${[...words, ...more].join(', ')}.`;
    }
    case 'MigrationStarted': {
      const { location, to, resources } = event.data;
      const mapped = resources.map((it) => `${it.from} becomes ${it.to}`).join(', ');
      return `${who} began to migrate ${location} to ${to}: ${mapped}.`;
    }
    case 'MigrationStopped':
      return `${who} stopped the migration of ${event.data.location}.`;
    case 'MigrationResumed':
      return `${who} resumed the migration of ${event.data.location}.`;
    case 'MigrationRemovalRequested':
      return `${who} said that old environments of ${event.data.location} may go as soon as their copies are healthy.`;
    case 'MigrationRemovalBegun':
      return `The first environment of ${event.data.location} is about to be removed: its migration can no longer be reverted.`;
    case 'MigrationReverted':
      return `${who} reverted the migration of ${event.data.location}: the copies are removed, it stays.`;
    case 'MigrationCompleted':
      return `Nothing is left at ${event.data.location}: what names its resources means those of ${event.data.to}.`;
    default:
      return assertNever(event);
  }
}

const softwareWords = ({ name, version }: { readonly name: string; readonly version: string | null }): string =>
  version === null ? name : `${name} ${version}`;
