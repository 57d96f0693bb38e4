import { assertNever } from '@waybill/kernel';
import type { Projection } from '../projection.js';
import { principalTable, tokenTable, type GrantRow } from './table.js';

export const accessProjection: Projection = {
  name: 'access',
  version: 1,
  tables: [principalTable, tokenTable],
  on: {
    access: {
      touches(event, announce) {
        announce(principalTable, event.data.principal);
        if (event.type === 'TokenRevoked') announce(tokenTable, event.data.token);
      },
      project(event, rows) {
        const principals = rows.of(principalTable);
        const id = event.data.principal;
        const known = principals.get(id);
        if (!known) principals.put({ id, kind: id.startsWith('p-') ? 'person' : 'service', grants: [] });
        switch (event.type) {
          case 'AccessGranted': {
            const { role, scope } = event.data;
            principals.change(id, (row) => ({
              grants: [...without(row.grants, event.data), { role, scope }].sort(inOrder),
            }));
            return;
          }
          case 'AccessRevoked':
            principals.change(id, (row) => ({ grants: without(row.grants, event.data) }));
            return;
          case 'TokenCreated': {
            const { token, expiresAt } = event.data;
            const createdAt = event.recordedAt;
            rows.of(tokenTable).put({ id: token, principal: id, createdAt, expiresAt, revokedAt: null });
            return;
          }
          case 'TokenRevoked':
            rows.of(tokenTable).change(event.data.token, () => ({ revokedAt: event.recordedAt }));
            return;
          default:
            assertNever(event);
        }
      },
    },
  },
};

const without = (grants: readonly GrantRow[], { role, scope }: GrantRow): readonly GrantRow[] =>
  grants.filter((grant) => grant.role !== role || grant.scope !== scope);

// By code point, not by locale: a rebuild on another machine must give the same text.
const inOrder = (a: GrantRow, b: GrantRow): number => {
  const left = `${a.scope} ${a.role}`;
  const right = `${b.scope} ${b.role}`;
  return left < right ? -1 : left > right ? 1 : 0;
};
