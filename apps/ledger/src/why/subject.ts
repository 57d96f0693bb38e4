import {
  deploymentStreamOf,
  environmentName,
  environmentStreamOf,
  incidentStreamOf,
  parseEnvironmentName,
  releaseStreamOf,
} from '@waybill/domain';
import { type RecordedEvent, WaybillError } from '@waybill/kernel';
import type { Asker } from '../access/asker.js';
import { forbid, mayRead } from '../access/permissions.js';
import { fullReleaseId, scopeOfStream } from '../access/subjects.js';
import { eventAt } from '../events/reading.js';
import type { Parts } from '../parts.js';

/** What somebody asks about. */
export interface WhySubject {
  /** Its full name. */
  readonly name: string;
  /** Its state and the reason, in a sentence or two; null: the last step says it. */
  readonly summary: string | null;
  /** The events that are the subject; their causes are looked up behind them. */
  readonly events: readonly RecordedEvent[];
  /** Everything that one command led to belongs to it, too. */
  readonly correlationId: string | null;
}

type Reading = Pick<Parts, 'store' | 'views' | 'catalogue'>;

const EVENT_ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * The release (id or prefix), environment, deployment or event that `given` names. Throws `NOT_FOUND`, and `FORBIDDEN`
 * when it belongs to a project that the asker may not read.
 */
export async function subjectOf(parts: Reading, asker: Asker, given: string): Promise<WhySubject> {
  const text = given.trim();
  const subject =
    (await environmentSubject(parts, text.toLowerCase())) ??
    (await deploymentSubject(parts, text.toLowerCase())) ??
    (await releaseSubject(parts, text)) ??
    (await incidentSubject(parts, text.toLowerCase())) ??
    (await eventSubject(parts, text.toLowerCase()));
  if (!subject) {
    throw new WaybillError('NOT_FOUND', `nothing is called ${text.slice(0, 200)}`, {
      hint: 'Give a release id or its first eight characters, an environment (a.dev@dev), a deployment (a.dev@dev.3) or an event id.',
    });
  }
  const [first] = subject.events;
  const scope = first ? await scopeOfStream(parts, first.stream) : null;
  if (scope !== null && !mayRead(asker, scope)) forbid('why', ['analyst'], scope);
  return subject;
}

async function releaseSubject({ store, views }: Reading, text: string): Promise<WhySubject | undefined> {
  if (!/^[0-9a-f-]{8,36}$/i.test(text)) return undefined;
  const id = await fullReleaseId({ views }, text);
  const row = id === undefined ? undefined : await views.releases.get(id);
  if (!row) return undefined;
  return {
    name: row.id,
    summary: `Release ${row.id.slice(0, 8)} of ${row.project} at ${row.refKind} ${row.ref} is ${row.state.toLowerCase()}. ${row.reason}`,
    events: await store.readStream(releaseStreamOf(row.id)),
    correlationId: row.correlationId,
  };
}

async function environmentSubject({ store, views }: Reading, text: string): Promise<WhySubject | undefined> {
  const environment = parseEnvironmentName(text);
  if (!environment) return undefined;
  const row = await views.environments.get(text);
  if (!row) return undefined;
  const own = await store.readStream(environmentStreamOf(environment));
  const ofCurrent = await store.readStream(deploymentStreamOf(environment, row.generation));
  const current = own.filter((event) => event.data['generation'] === row.generation);
  const drift = row.drift ? ' What stands there was changed by hand.' : '';
  return {
    name: text,
    summary: `${text} is ${row.state} at generation ${row.generation}.${row.message ? ` ${row.message}` : ''}${drift}`,
    events: [...(current.length > 0 ? current : own.slice(-1)), ...ofCurrent],
    correlationId: null,
  };
}

async function deploymentSubject({ store, views }: Reading, text: string): Promise<WhySubject | undefined> {
  const match = /^(.+)\.(\d+)$/.exec(text);
  const environment = match && parseEnvironmentName(match[1]!);
  const row = environment ? await views.deployments.get(text) : undefined;
  if (!environment || !row) return undefined;
  const own = await store.readStream(environmentStreamOf(environment));
  return {
    name: text,
    summary: `Generation ${row.generation} of ${environmentName(environment)} is ${row.state}.${row.message ? ` ${row.message}` : ''}`,
    events: [
      ...own.filter((event) => event.data['generation'] === row.generation),
      ...(await store.readStream(deploymentStreamOf(environment, row.generation))),
    ],
    correlationId: null,
  };
}

async function incidentSubject({ store, views }: Reading, text: string): Promise<WhySubject | undefined> {
  const row = EVENT_ID.test(text) ? await views.incidents.get(text) : undefined;
  if (!row) return undefined;
  const state = row.dismissed ? 'was none' : row.resolvedAt === null ? 'is open' : `was over at ${row.resolvedAt}`;
  return {
    name: row.incident,
    summary: `Incident ${row.incident.slice(0, 8)} of ${row.project} ${state}.`,
    events: await store.readStream(incidentStreamOf(row.incident)),
    correlationId: null,
  };
}

async function eventSubject({ store, views }: Reading, text: string): Promise<WhySubject | undefined> {
  const entry = EVENT_ID.test(text) ? await views.timeline.byId(text) : undefined;
  if (!entry) return undefined;
  return { name: text, summary: null, events: [await eventAt(store, entry)], correlationId: null };
}
