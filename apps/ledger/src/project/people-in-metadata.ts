import { BusinessMetadata } from '@waybill/domain';
import { parseInput } from '@waybill/kernel';
import type { Operations } from '@waybill/stores';
import { assertKnownId, identify, isOpaqueId, requireLogin } from '../access/people.js';

type People = Operations['people'];
type Fields = Readonly<Record<string, unknown>>;

/** Stands for a login while the rest of the section is checked: nobody is made known by input that is refused. */
const SOMEBODY = 'p-00000000';
const LISTS = ['approvers', 'notify'] as const;

/** The business section with logins replaced by opaque ids. Throws `INVALID_INPUT` naming each field. */
export async function withOpaqueIds(people: People, metadata: unknown): Promise<unknown> {
  if (!isFields(metadata)) return metadata;
  const checked = await mapPeople(metadata, async (given, field) => {
    const text = requireLogin(given, field);
    await assertKnownId(people, text, field);
    return isOpaqueId(text) ? text : SOMEBODY;
  });
  parseInput(BusinessMetadata, checked, 'business section');
  return mapPeople(metadata, (given, field) => identify(people, given, field));
}

async function mapPeople(metadata: Fields, map: (given: string, field: string) => Promise<string>): Promise<Fields> {
  const mapped: Record<string, unknown> = { ...metadata };
  if (typeof metadata['owner'] === 'string') mapped['owner'] = await map(metadata['owner'], 'metadata.owner');
  for (const list of LISTS) {
    const people = metadata[list];
    if (!Array.isArray(people)) continue;
    const ids: unknown[] = [];
    for (const [index, person] of people.entries()) {
      ids.push(typeof person === 'string' ? await map(person, `metadata.${list}.${index}`) : person);
    }
    mapped[list] = [...new Set(ids)];
  }
  return mapped;
}

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
