import { defineStream, type EventsOf } from '@waybill/kernel';
import { z } from 'zod';
import { Instant, PrincipalId, ProjectKey, Role } from '../vocabulary.js';

/** A project, or `*` for all of them. */
export const Scope = z.union([z.literal('*'), ProjectKey]);

const Grant = z.strictObject({ principal: PrincipalId, role: Role, scope: Scope });

export const accessStream = defineStream('access', 'What one person or service may do. No token material.', {
  AccessGranted: { version: 1, doc: 'A role was granted for a project or for all.', data: Grant },
  AccessRevoked: { version: 1, doc: 'A role was taken back.', data: Grant },
  TokenCreated: {
    version: 1,
    doc: 'A token was made for this principal; its material is stored nowhere, its hash outside the log.',
    data: z.strictObject({ principal: PrincipalId, token: z.uuid(), expiresAt: Instant.nullable() }),
  },
  TokenRevoked: {
    version: 1,
    doc: 'A token was revoked.',
    data: z.strictObject({ principal: PrincipalId, token: z.uuid() }),
  },
});
export type AccessEvent = EventsOf<typeof accessStream.events>;
