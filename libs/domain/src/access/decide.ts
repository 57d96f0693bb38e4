import { WaybillError, assertNever, type CommandMetadata, type Decider } from '@waybill/kernel';
import type { AccessCommand } from './commands.js';
import type { AccessEvent } from './events.js';
import { requireRole } from './require-role.js';
import { evolveAccess, holds, initialAccessState, type AccessState } from './state.js';

/**
 * Grants and tokens of one principal. Only admins grant; everybody may revoke a token of their own. Repeating what is
 * so already writes nothing.
 */
export const accessDecider: Decider<AccessState, AccessCommand, AccessEvent> = {
  initialState: initialAccessState,
  decide: decideAccess,
  evolve: evolveAccess,
};

function decideAccess(command: AccessCommand, state: AccessState): readonly AccessEvent[] {
  const { actor } = command.metadata;
  switch (command.type) {
    case 'GrantAccess': {
      requireAdmin(command.metadata, 'granting a role');
      const { role, scope } = command.data;
      return holds(state, role, scope) ? [] : [{ type: 'AccessGranted', data: command.data }];
    }
    case 'RevokeAccess': {
      requireAdmin(command.metadata, 'revoking a role');
      const { principal, role, scope } = command.data;
      if (!holds(state, role, scope)) return [];
      if (role === 'admin' && actor.id === principal) {
        throw new WaybillError('INVALID_STATE', 'nobody takes the role admin from themselves', {
          hint: 'Let another admin do it, so that one is left.',
        });
      }
      return [{ type: 'AccessRevoked', data: command.data }];
    }
    case 'CreateToken': {
      requireAdmin(command.metadata, 'creating a token');
      const { token, expiresAt } = command.data;
      const known = state.tokens[token];
      if (known) {
        if (known.expiresAt === expiresAt && !known.revoked) return [];
        throw new WaybillError('ALREADY_EXISTS', `token ${token} exists already`, {
          hint: 'Create one with a new id.',
        });
      }
      if (expiresAt !== null && Date.parse(expiresAt) <= Date.parse(command.metadata.now)) {
        const message = `lies in the past: ${expiresAt}`;
        throw new WaybillError('INVALID_INPUT', `expiresAt ${message}`, { fields: [{ field: 'expiresAt', message }] });
      }
      return [{ type: 'TokenCreated', data: command.data }];
    }
    case 'RevokeToken': {
      const { principal, token } = command.data;
      if (actor.id !== principal) requireAdmin(command.metadata, 'revoking a token of somebody else');
      const known = state.tokens[token];
      if (!known) {
        throw new WaybillError('NOT_FOUND', `${principal} has no token ${token}`, {
          hint: 'Check the id of the token.',
        });
      }
      return known.revoked ? [] : [{ type: 'TokenRevoked', data: command.data }];
    }
    default:
      return assertNever(command);
  }
}

function requireAdmin({ actor }: CommandMetadata, doing: string): void {
  requireRole(actor, ['admin'], doing);
}
