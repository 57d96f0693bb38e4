import { categoryOf, parseEnvironmentName } from '@waybill/domain';
import { type RecordedEvent, WaybillError } from '@waybill/kernel';
import type { SearchCriterion } from '@waybill/views';
import { fullReleaseId } from '../access/subjects.js';
import { isOpaqueId } from '../access/people.js';
import { eventAt } from '../events/reading.js';
import type * as Api from '../graphql.gen.js';
import type { Parts } from '../parts.js';

type Looking = Pick<Parts, 'views' | 'operations' | 'store'>;

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const HEX = /^[0-9a-f]{7,64}$/;
const DIGEST = /^sha256:[0-9a-f]{7,64}$/;
const ATTRIBUTE = /^([A-Za-z][A-Za-z0-9_.-]{0,62})=(.*)$/s;
const LONGEST = 600;

/**
 * What a person typed may be several things: each is a group of its own, and one of them must be met. Throws
 * `INVALID_INPUT` for nothing at all, and for more than anything searched for can have.
 */
export async function criteriaOfText(parts: Looking, given: string): Promise<readonly (readonly SearchCriterion[])[]> {
  const text = given.trim();
  if (text === '' || text.length > LONGEST) throw mistaken('text', `give 1 to ${LONGEST} characters`);
  const lower = text.toLowerCase();
  const found: SearchCriterion[] = [];
  if (UUID.test(lower)) {
    found.push({ field: 'release', release: lower }, ...((await ofEvent(parts, lower)) ?? []));
  }
  if (HEX.test(lower)) {
    found.push(
      { field: 'commit', value: lower },
      { field: 'configCommit', value: lower },
      { field: 'digest', value: `sha256:${lower}` },
    );
    const release = await startOfRelease(parts, lower);
    if (release !== undefined) found.push({ field: 'release', release });
  }
  if (DIGEST.test(lower)) found.push({ field: 'digest', value: lower });
  const [, name, value] = ATTRIBUTE.exec(text) ?? [];
  if (name !== undefined && value !== undefined) found.push({ field: 'attribute', name, value });
  if (parseEnvironmentName(lower)) found.push({ field: 'environment', value: lower });
  if (isDeploymentName(lower)) found.push({ field: 'deployment', deployment: lower });
  for (const field of ['ref', 'pipelineId', 'jobId'] as const) found.push({ field, value: text });
  for (const field of ['project', 'location'] as const) found.push({ field, value: lower });
  const person = await personId(parts, text);
  if (person !== undefined) found.push({ field: 'person', value: person });
  return found.map((criterion) => [criterion]);
}

/** All of what is given must be met. Throws `INVALID_INPUT` naming the field that is not in form. */
export async function criteriaOfInput(parts: Looking, by: Api.SearchInput): Promise<readonly SearchCriterion[]> {
  const found: SearchCriterion[] = [];
  for (const field of ['ref', 'pipelineId', 'jobId'] as const) {
    const value = by[field];
    if (value != null) found.push({ field, value: value.trim() });
  }
  for (const field of ['project', 'location'] as const) {
    const value = by[field];
    if (value != null) found.push({ field, value: value.trim().toLowerCase() });
  }
  for (const field of ['commit', 'configCommit'] as const) {
    const value = by[field]?.trim().toLowerCase();
    if (value === undefined) continue;
    if (!HEX.test(value)) throw mistaken(`by.${field}`, 'give 7 or more hex digits of the commit id');
    found.push({ field, value });
  }
  if (by.digest != null) {
    const value = by.digest.trim().toLowerCase();
    const whole = value.startsWith('sha256:') ? value : `sha256:${value}`;
    if (!DIGEST.test(whole)) throw mistaken('by.digest', 'give sha256: and 7 or more hex digits');
    found.push({ field: 'digest', value: whole });
  }
  for (const { name, value } of by.attributes ?? []) found.push({ field: 'attribute', name, value });
  if (by.environment != null) {
    const value = by.environment.trim().toLowerCase();
    if (!parseEnvironmentName(value)) throw mistaken('by.environment', 'give <project>.<slot>@<location>');
    found.push({ field: 'environment', value });
  }
  if (by.deployment != null) {
    const deployment = by.deployment.trim().toLowerCase();
    if (!isDeploymentName(deployment)) {
      throw mistaken('by.deployment', 'give <project>.<slot>@<location>.<generation>');
    }
    found.push({ field: 'deployment', deployment });
  }
  if (by.release != null) {
    found.push({ field: 'release', release: (await fullReleaseId(parts, by.release)) ?? by.release });
  }
  if (by.person != null) {
    const value = await personId(parts, by.person.trim());
    if (value === undefined) {
      throw new WaybillError('NOT_FOUND', `nobody is known as ${JSON.stringify(by.person.slice(0, 100))}`, {
        hint: 'Give a login or an opaque id.',
      });
    }
    found.push({ field: 'person', value });
  }
  if (by.event != null) {
    const id = by.event.trim().toLowerCase();
    if (!UUID.test(id)) throw mistaken('by.event', 'give the id of an event, a UUID');
    const criteria = await ofEvent(parts, id);
    if (!criteria) throw new WaybillError('NOT_FOUND', `there is no event ${id}`);
    if (criteria.length === 0) {
      throw mistaken('by.event', 'the event belongs to no release: it is about who may do what, or about the log');
    }
    found.push(...criteria);
  }
  if (found.length === 0) throw mistaken('by', 'give something to search for');
  return found;
}

/** What an event belongs to; undefined when there is none, empty when that is no matter of releases. */
async function ofEvent({ views, store }: Looking, id: string): Promise<readonly SearchCriterion[] | undefined> {
  const entry = await views.timeline.byId(id);
  if (!entry) return undefined;
  const name = entry.stream.slice(entry.stream.indexOf('-') + 1);
  switch (categoryOf(entry.stream)) {
    case 'release':
      return [{ field: 'event', release: name }];
    case 'deployment':
      return [{ field: 'event', deployment: name }];
    case 'environment':
      return [ofEnvironment(name, await eventAt(store, entry))];
    case 'project': {
      const next = await views.history.replacedAt(name, Number(entry.position));
      return [{ field: 'event', project: name, from: Number(entry.position), until: next }];
    }
    case 'location':
      return [{ field: 'location', value: name }];
    default:
      return [];
  }
}

function ofEnvironment(name: string, { data }: RecordedEvent): SearchCriterion {
  if (typeof data['release'] === 'string') return { field: 'event', release: data['release'] };
  if (typeof data['generation'] === 'number') return { field: 'event', deployment: `${name}.${data['generation']}` };
  return { field: 'environment', value: name };
}

const isDeploymentName = (text: string): boolean =>
  /\.\d+$/.test(text) && parseEnvironmentName(text.replace(/\.\d+$/, '')) !== undefined;

/** Several releases may start so: then it is the start of something else, or more of it must be given. */
async function startOfRelease({ views }: Looking, text: string): Promise<string | undefined> {
  if (text.length !== 8) return undefined;
  const found = await views.releases.findByPrefix(text);
  return found.length === 1 ? found[0]!.id : undefined;
}

async function personId({ operations }: Looking, text: string): Promise<string | undefined> {
  if (isOpaqueId(text)) return text;
  if (text === '' || /[\s\p{C}]/u.test(text) || text.length > 100) return undefined;
  return (await operations.people.findByLogin(text))?.id;
}

const mistaken = (field: string, message: string): WaybillError =>
  new WaybillError('INVALID_INPUT', `${field}: ${message}`, { fields: [{ field, message }] });
