import type { CommandBus } from '@nestjs/cqrs';
import {
  EnvironmentId,
  type IncidentCommand,
  type IncidentEvent,
  IncidentId,
  type IncidentSource,
  type IncidentState,
  incidentDecider,
  incidentStreamOf,
  parseEnvironmentName,
} from '@waybill/domain';
import { type CommandResult, WaybillError, derivedId, loadStream, newId, parseInput } from '@waybill/kernel';
import type { Asker } from '../access/asker.js';
import { metadataOf } from '../access/asker.js';
import { fullReleaseId } from '../access/subjects.js';
import type { Parts } from '../parts.js';
import { IncidentRequest } from './handlers.js';

/** Free text: more is no description but a document. Bytes. */
const WORDS_LIMIT = 10_000;

/** An incident as somebody or something outside tells of it. */
export interface Telling {
  readonly project: string;
  readonly environment: EnvironmentId | null;
  /** ISO 8601 with milliseconds. */
  readonly openedAt: string;
  readonly severity: string | null;
  readonly summary: string | null;
  readonly source: IncidentSource;
  readonly cause: string | null;
}

type Result = CommandResult<IncidentState>;

/** What goes through one asker's hands; each step has a command id of its own, so that telling again writes nothing. */
export function recorder(parts: Parts, bus: CommandBus, asker: Asker) {
  const send = (
    given: { [C in IncidentCommand as C['type']]: Pick<C, 'type' | 'data'> }[IncidentCommand['type']],
    project: string,
    commandId: string | undefined,
  ): Promise<Result> => {
    const metadata = metadataOf(asker, project, parts.now(), commandId);
    // Everything of an incident is one story.
    return bus.execute(
      new IncidentRequest({
        ...given,
        metadata: { ...metadata, correlationId: derivedId('incident', given.data.incident) },
      }),
    );
  };
  /** A digest of the words: they can be erased where they lie. */
  const kept = async (words: string | null | undefined): Promise<string | null> => {
    const text = words?.trim() ?? '';
    return text === '' ? null : parts.blobs.put(text, { file: 'description', limit: WORDS_LIMIT });
  };
  const named = async (release: string | null | undefined): Promise<string | null | undefined> => {
    if (release == null) return release;
    const id = await fullReleaseId(parts, release);
    if (id !== undefined) return id;
    throw new WaybillError('NOT_FOUND', `there is no release ${release}`, {
      hint: 'waybill history lists releases with their ids.',
    });
  };

  return {
    async open(id: string | undefined, { summary, cause, ...told }: Telling, commandId?: string) {
      const incident = id ?? (commandId === undefined ? newId() : derivedId('incident', commandId));
      const release = await named(cause);
      const data = { ...told, incident, summary: await kept(summary) };
      const results = [await send({ type: 'OpenIncident', data }, told.project, commandId)];
      if (release != null) {
        const next = commandId === undefined ? undefined : derivedId(commandId, 'cause');
        results.push(await send({ type: 'NameIncidentCause', data: { incident, cause: release } }, told.project, next));
      }
      return { incident, results };
    },

    async nameCause(incident: string, release: string, commandId?: string) {
      const cause = (await named(release))!;
      return send(
        { type: 'NameIncidentCause', data: { incident, cause } },
        await projectOf(parts, incident),
        commandId,
      );
    },

    async resolve(incident: string, resolvedAt: string, fixedBy: string | null | undefined, commandId?: string) {
      const data = { incident, resolvedAt, fixedBy: (await named(fixedBy)) ?? null };
      return send({ type: 'ResolveIncident', data }, await projectOf(parts, incident), commandId);
    },

    async correct(incident: string, { reason, cause, fixedBy, ...changes }: Corrections, commandId?: string) {
      const data = {
        ...changes,
        incident,
        cause: await named(cause),
        fixedBy: await named(fixedBy),
        reason: await kept(reason),
      };
      return send({ type: 'CorrectIncident', data }, await projectOf(parts, incident), commandId);
    },
  };
}

export type Recorder = ReturnType<typeof recorder>;

interface Corrections {
  readonly openedAt?: string | undefined;
  readonly resolvedAt?: string | null | undefined;
  readonly cause?: string | null | undefined;
  readonly fixedBy?: string | null | undefined;
  readonly dismissed?: boolean | undefined;
  readonly reason?: string | null | undefined;
}

/** From the stream itself: views may lag. Throws `NOT_FOUND`. */
async function projectOf(parts: Parts, given: string): Promise<string> {
  const incident = parseInput(IncidentId, given, 'incident');
  const state = await stateOf(parts, incident);
  if (state) return state.project;
  throw new WaybillError('NOT_FOUND', `there is no incident ${incident}`, {
    hint: 'waybill incident list shows incidents with their ids.',
  });
}

export async function stateOf(parts: Parts, incident: string): Promise<IncidentState> {
  const { state } = await loadStream<IncidentState, IncidentEvent>(parts, incidentDecider, incidentStreamOf(incident));
  return state;
}

/** The same thing told again, by the same means, is the same incident. */
export const incidentIdOf = (project: string, { via, key }: IncidentSource): string | undefined =>
  key === null ? undefined : derivedId('incident', project, via, key);

/** Throws `INVALID_INPUT` for what is no name of an environment. */
export function environmentFrom(name: string | null | undefined): EnvironmentId | null {
  if (name == null) return null;
  const parsed = EnvironmentId.safeParse(parseEnvironmentName(name.trim().toLowerCase()));
  if (parsed.success) return parsed.data;
  const message = `${JSON.stringify(name.slice(0, 100))} is not <project>.<slot>@<location>`;
  throw new WaybillError('INVALID_INPUT', `environment: ${message}`, { fields: [{ field: 'environment', message }] });
}
