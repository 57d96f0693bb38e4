import { type AccessEvent, type AccessState, type Role, accessDecider, accessStreamOf } from '@waybill/domain';
import {
  type Actor,
  type CommandDependencies,
  type CommandMetadata,
  WaybillError,
  loadStream,
  newId,
} from '@waybill/kernel';
import { z } from 'zod';

/** Who asks, with what it may do at this moment. */
export interface Asker {
  /** Opaque id. */
  readonly principal: string;
  readonly access: AccessState;
}

/** Grants are read from the stream itself, so that what was revoked a moment ago is revoked. */
export async function askerOf(parts: CommandDependencies, principal: string): Promise<Asker> {
  const { state } = await loadStream<AccessState, AccessEvent>(parts, accessDecider, accessStreamOf(principal));
  return { principal, access: state };
}

export const kindOf = (principal: string): 'person' | 'service' => (principal.startsWith('p-') ? 'person' : 'service');

/** Roles that were granted for exactly this project or for all; the evidence names these and not what follows. */
export function rolesFor({ access }: Asker, scope: string): Role[] {
  const covering = access.grants.filter((grant) => grant.scope === '*' || grant.scope === scope);
  return [...new Set(covering.map((grant) => grant.role))].sort();
}

export function actorOf(asker: Asker, scope: string): Actor {
  return { kind: kindOf(asker.principal), id: asker.principal, roles: rolesFor(asker, scope) };
}

/** Metadata of a command that a caller gave. `commandId` is the caller's when there is one. */
export function metadataOf(asker: Asker, scope: string, now: string, commandId = newId()): CommandMetadata {
  return { commandId, actor: actorOf(asker, scope), now, correlationId: commandId, causationId: commandId };
}

/** The caller's command id, checked; undefined when none was given. */
export function givenCommandId(commandId: string | null | undefined): string | undefined {
  if (commandId == null) return undefined;
  const parsed = z.uuid().safeParse(commandId);
  if (parsed.success) return parsed.data.toLowerCase();
  throw new WaybillError('INVALID_INPUT', 'commandId: give a UUID', {
    fields: [{ field: 'commandId', message: 'is not a UUID' }],
  });
}
