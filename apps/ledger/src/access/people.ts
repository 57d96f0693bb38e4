import { PrincipalId } from '@waybill/domain';
import { WaybillError } from '@waybill/kernel';
import type { Operations, Principal } from '@waybill/stores';

type People = Operations['people'];

/** What a login may look like: anything on one line that is no opaque id. */
const LOGIN = /^[^\s\p{C}]{1,100}$/u;

const LIKE_AN_ID = /^p-[0-9a-z]+$/;

export const isOpaqueId = (text: string): boolean => PrincipalId.safeParse(text).success;

/**
 * The opaque id of somebody given by login or by id. A login that is not known yet becomes a person; an id must be
 * known. Throws `INVALID_INPUT` naming `field`.
 */
export async function identify(people: People, given: string, field: string): Promise<string> {
  const text = requireLogin(given, field);
  await assertKnownId(people, text, field);
  return isOpaqueId(text) ? text : (await people.identify({ login: text })).id;
}

/** What looks like the opaque id of a person is a mistake when nobody has it, and no login of somebody new. */
export async function assertKnownId(people: People, text: string, field: string): Promise<void> {
  if (!isOpaqueId(text) && !LIKE_AN_ID.test(text)) return;
  if (isOpaqueId(text) ? await people.find(text) : await people.findByLogin(text)) return;
  throw unknown(field, `nobody has the id ${text}`);
}

/** Somebody who is known already. Throws `NOT_FOUND`. */
export async function findPrincipal(people: People, given: string): Promise<Principal> {
  const text = given.trim();
  const found = isOpaqueId(text) ? await people.find(text) : await people.findByLogin(text || '?');
  if (found) return found;
  throw new WaybillError('NOT_FOUND', `nobody is known as ${JSON.stringify(text.slice(0, 100))}`, {
    hint: 'Give a login or an opaque id; waybill person list shows both.',
  });
}

export function requireLogin(given: string, field: string): string {
  const text = given.trim();
  if (LOGIN.test(text)) return text;
  throw unknown(field, 'give a login (no spaces, 100 characters at most) or an opaque id');
}

function unknown(field: string, message: string): WaybillError {
  return new WaybillError('INVALID_INPUT', `${field}: ${message}`, { fields: [{ field, message }] });
}
