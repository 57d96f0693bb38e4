import { assertNever } from '@waybill/kernel';
import type { ReleaseEvent } from '@waybill/domain';
import type { Handler, Projection } from '../projection.js';
import { releaseTable } from '../releases/table.js';
import { attributeTerm, personTerm, releaseTermId, releaseTermTable } from './table.js';

const onRelease: Handler<ReleaseEvent> = {
  touches(event, announce) {
    announce(releaseTable, event.data.release);
  },
  project(event, rows) {
    const { release } = event.data;
    const position =
      event.type === 'ReleaseRequested' ? Number(event.position) : rows.of(releaseTable).get(release)?.position;
    // A stream without its request is none that this ledger wrote.
    if (position === undefined) return;
    for (const term of termsOf(event)) {
      rows.of(releaseTermTable).put({ id: releaseTermId(release, term), term, release, position });
    }
  },
};

function termsOf(event: ReleaseEvent): readonly string[] {
  switch (event.type) {
    case 'ReleaseRequested': {
      const { requestedBy, source } = event.data;
      const attributes = Object.entries(source.attributes).map(([name, value]) => attributeTerm(name, value));
      return [...people(requestedBy), ...attributes];
    }
    case 'ConfigResolved':
      return people(event.data.config.author);
    case 'ReleaseApproved':
      return people(event.data.approver);
    case 'ReleaseRefused':
    case 'ReleaseCancelled':
      return people(event.data.by);
    case 'BranchMatched':
    case 'BranchUnmatched':
    case 'DeliverableProvided':
    case 'ConfigUnresolved':
    case 'ReleaseHeld':
    case 'ReleasePlanned':
    case 'StageStarted':
    case 'LocationConcluded':
    case 'LocationMigrated':
    case 'ReleaseCompleted':
    case 'ReleaseFailed':
      return [];
    default:
      return assertNever(event);
  }
}

const people = (id: string | null): readonly string[] => (id === null ? [] : [personTerm(id)]);

export const searchProjection: Projection = {
  name: 'search',
  version: 1,
  tables: [releaseTermTable],
  on: { release: onRelease },
};
