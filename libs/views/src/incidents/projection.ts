import { evolveIncident, type IncidentEvent, type IncidentFacts } from '@waybill/domain';
import type { Fact, Handler, Projection } from '../projection.js';
import { incidentTable, incidentVersionTable } from './table.js';

const onIncident: Handler<IncidentEvent> = {
  touches(event, announce) {
    announce(incidentTable, event.data.incident);
  },
  project(event, rows) {
    const before = rows.of(incidentTable).get(event.data.incident);
    const known = evolveIncident(before ?? null, bare(event));
    if (!known) return;
    const position = Number(event.position);
    rows.of(incidentTable).put({ ...fieldsOf(known), position: before?.position ?? position });
    rows.of(incidentVersionTable).put({
      ...fieldsOf(known),
      position,
      event: event.id,
      type: event.type,
      recordedAt: event.recordedAt,
      reason: event.type === 'IncidentCorrected' ? event.data.reason : null,
    });
  },
};

const bare = ({ type, data }: Fact<IncidentEvent>): IncidentEvent => ({ type, data }) as IncidentEvent;

/** Without what the row of the other table has besides. */
const fieldsOf = ({
  incident,
  project,
  environment,
  openedAt,
  resolvedAt,
  severity,
  source,
  summary,
  cause,
  fixedBy,
  dismissed,
  corrections,
}: IncidentFacts): IncidentFacts => ({
  incident,
  project,
  environment,
  openedAt,
  resolvedAt,
  severity,
  source,
  summary,
  cause,
  fixedBy,
  dismissed,
  corrections,
});

export const incidentProjection: Projection = {
  name: 'incidents',
  version: 1,
  tables: [incidentTable, incidentVersionTable],
  on: { incident: onIncident },
};
