import type { AccessEvent } from '@waybill/domain';
import { assertNever } from '@waybill/kernel';
import { type Telling, whoOf } from './telling.js';

export function accessSentence(event: AccessEvent, { actor, nameOf }: Telling): string {
  const who = whoOf(actor, nameOf);
  const whom = nameOf(event.data.principal);
  switch (event.type) {
    case 'AccessGranted':
      return `${who} granted ${whom} the role ${event.data.role} for ${scopeWords(event.data.scope)}.`;
    case 'AccessRevoked':
      return `${who} took the role ${event.data.role} for ${scopeWords(event.data.scope)} back from ${whom}.`;
    case 'TokenCreated':
      return `${who} created a token for ${whom}${event.data.expiresAt ? `, good until ${event.data.expiresAt}` : ''}.`;
    case 'TokenRevoked':
      return `${who} revoked a token of ${whom}.`;
    default:
      return assertNever(event);
  }
}

const scopeWords = (scope: string): string => (scope === '*' ? 'all projects' : scope);
