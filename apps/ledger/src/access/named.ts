import { WaybillError, isWaybillError } from '@waybill/kernel';
import type { GraphqlContext } from '../graphql/context.js';

type People = GraphqlContext['people'];

const OPAQUE_ID = /\b[ps]-[0-9a-z]{8,40}\b/g;

/** The text with people and services told by name, or by login where somebody has to be found; unknown ids stay. */
export async function inNames(text: string, people: People, by: 'name' | 'login' = 'name'): Promise<string> {
  const ids = [...new Set(text.match(OPAQUE_ID) ?? [])];
  const known = new Map(await Promise.all(ids.map(async (id) => [id, await people.load(id)] as const)));
  return text.replace(OPAQUE_ID, (id) => {
    const { name = null, login = null } = known.get(id) ?? {};
    return (by === 'name' ? (name ?? login) : (login ?? name)) ?? id;
  });
}

/** What the work resolves with; a refusal that names people names them by login. */
export async function refusedByLogin<T>(work: Promise<T>, people: People): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!isWaybillError(error, 'FORBIDDEN')) throw error;
    const { code, message, hint, fields } = error;
    throw new WaybillError(code, await inNames(message, people, 'login'), {
      hint: hint === undefined ? undefined : await inNames(hint, people, 'login'),
      fields,
      cause: error,
    });
  }
}
