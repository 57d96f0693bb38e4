import { accessDecider, accessStreamOf, type AccessCommand } from '@waybill/domain';
import { ADMIN, type Tell } from './telling.js';

export function accessStory(tell: Tell) {
  const onAccess = (command: Pick<AccessCommand, 'type' | 'data' | 'context'>) =>
    tell(accessDecider, accessStreamOf(command.data.principal), command as AccessCommand, ADMIN);

  return {
    grant: (principal: string, role: 'developer' | 'admin' | 'business', scope: string) =>
      onAccess({ type: 'GrantAccess', data: { principal, role, scope }, context: undefined }),

    revoke: (principal: string, role: 'developer' | 'admin' | 'business', scope: string) =>
      onAccess({ type: 'RevokeAccess', data: { principal, role, scope }, context: undefined }),

    token: (principal: string, token: string) =>
      onAccess({ type: 'CreateToken', data: { principal, token, expiresAt: null }, context: undefined }),

    revokeToken: (principal: string, token: string) =>
      onAccess({ type: 'RevokeToken', data: { principal, token }, context: undefined }),
  };
}
