import type { AccessEvent } from '@waybill/domain';
import { defineTable, json, oneOf, optionalText, text } from '../table.js';

type Granted = Extract<AccessEvent, { type: 'AccessGranted' }>['data'];

/** `scope` is a project, or `*` for all. */
export type GrantRow = Pick<Granted, 'role' | 'scope'>;

export const principalTable = defineTable({
  name: 'principals',
  key: 'id',
  columns: {
    /** Opaque. Who it is stands in the erasable people table only. */
    id: text(),
    kind: oneOf<'person' | 'service'>(),
    /** In the order of scope and role. */
    grants: json<readonly GrantRow[]>(),
  },
});

/** That a token exists, never what it is made of. */
export const tokenTable = defineTable({
  name: 'tokens',
  key: 'id',
  columns: {
    id: text(),
    principal: text(),
    createdAt: text(),
    expiresAt: optionalText(),
    revokedAt: optionalText(),
  },
  indexes: [{ columns: ['principal'] }],
});
