import { incidentDecider, incidentStreamOf, type IncidentCommand } from '@waybill/domain';
import { ADMIN, type Tell } from './telling.js';

type Data<Type extends IncidentCommand['type']> = Omit<Extract<IncidentCommand, { type: Type }>['data'], 'incident'>;

export function incidentStory(tell: Tell) {
  /** The releases that a command names are those of its project, which the ledger looks up. */
  const onIncident = (command: Pick<IncidentCommand, 'type' | 'data'>, project: string) => {
    const named = ['cause', 'fixedBy'].flatMap((field) => (command.data as Record<string, unknown>)[field] ?? []);
    const projects = Object.fromEntries(named.map((release) => [String(release), project]));
    const { incident } = command.data;
    return tell(
      incidentDecider,
      incidentStreamOf(incident),
      { ...command, context: { projects } } as IncidentCommand,
      ADMIN,
    );
  };

  return {
    openIncident: (incident: string, project: string, openedAt: string) =>
      onIncident(
        {
          type: 'OpenIncident',
          data: {
            incident,
            project,
            environment: null,
            openedAt,
            severity: null,
            source: { via: 'graphql', key: null, url: null },
            summary: null,
          },
        },
        project,
      ),

    nameCause: (incident: string, project: string, cause: string) =>
      onIncident({ type: 'NameIncidentCause', data: { incident, cause } }, project),

    resolveIncident: (incident: string, project: string, resolvedAt: string, fixedBy: string | null = null) =>
      onIncident({ type: 'ResolveIncident', data: { incident, resolvedAt, fixedBy } }, project),

    correctIncident: (incident: string, project: string, changes: Partial<Data<'CorrectIncident'>>) =>
      onIncident({ type: 'CorrectIncident', data: { incident, reason: null, ...changes } }, project),
  };
}
