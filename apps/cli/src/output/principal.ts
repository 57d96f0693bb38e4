import type { Principal } from '../documents/access.js';
import type { Fact } from './table.js';

export const ROLES = ['admin', 'developer', 'business', 'devops', 'analyst', 'adapter'];

export const grantsOf = ({ grants }: Principal): string =>
  grants.map(({ role, scope }) => `${role.toLowerCase()}:${scope}`).join(' ');

export function principalFacts(principal: Principal): Fact[] {
  return [
    ['id', principal.id],
    ['kind', principal.kind.toLowerCase()],
    ['name', principal.name],
    ['login', principal.login],
    ['roles', grantsOf(principal) || 'none'],
  ];
}
