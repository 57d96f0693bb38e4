import type { Actor } from '@waybill/kernel';
import type { Principal } from '../graphql.gen.js';
import { kindOf } from './asker.js';

/** A person or service as an answer carries it: who that is and what it may do is looked up only when asked. */
export type PrincipalRef = Pick<Principal, 'id' | 'kind'>;

export const principalRef = (id: string): PrincipalRef => ({ id, kind: kindOf(id) });
export const optionalPrincipal = (id: string | null): PrincipalRef | null => (id === null ? null : principalRef(id));
export const actorRef = ({ id, kind }: Actor): PrincipalRef => ({ id, kind });
