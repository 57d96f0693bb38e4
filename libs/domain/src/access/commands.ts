import type { Command } from '@waybill/kernel';
import { z } from 'zod';
import { Instant, PrincipalId, Role } from '../vocabulary.js';
import { Scope } from './events.js';

const grant = { principal: PrincipalId, role: Role, scope: Scope };

export const accessInputs = {
  GrantAccess: z.strictObject(grant),
  RevokeAccess: z.strictObject(grant),
  CreateToken: z.strictObject({ principal: PrincipalId, token: z.uuid(), expiresAt: Instant.nullable() }),
  RevokeToken: z.strictObject({ principal: PrincipalId, token: z.uuid() }),
};

type Input<Name extends keyof typeof accessInputs> = z.output<(typeof accessInputs)[Name]>;

export type AccessCommand = {
  [Name in keyof typeof accessInputs]: Command<Name, Input<Name>, undefined>;
}[keyof typeof accessInputs];
