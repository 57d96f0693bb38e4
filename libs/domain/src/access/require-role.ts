import { WaybillError, type Actor } from '@waybill/kernel';
import type { Role } from '../vocabulary.js';

/**
 * Lets the actor pass when it holds one of the roles or `admin`. Policies and the system itself carry no roles: they
 * only do what an event led them to. Throws `FORBIDDEN` naming the roles that would do.
 * `actor.roles` are those that the actor holds for the scope of the command, as the handler read them.
 */
export function requireRole(actor: Actor, roles: readonly Role[], doing: string): void {
  if (actor.kind === 'policy' || actor.kind === 'system') return;
  if (actor.roles.includes('admin') || roles.some((role) => actor.roles.includes(role))) return;
  const needed = roles.includes('admin') ? roles : [...roles, 'admin'];
  throw new WaybillError('FORBIDDEN', `${doing} needs the role ${needed.join(' or ')}`, {
    hint: 'Ask an admin to grant you the role, or somebody who holds it to do it.',
  });
}
