import { type CanActivate, type ExecutionContext, Inject, Injectable } from '@nestjs/common';
import { GqlExecutionContext } from '@nestjs/graphql';
import { SECTIONS, type Section } from '@waybill/domain';
import type { GraphQLResolveInfo } from 'graphql';
import type { GraphqlContext } from '../graphql/context.js';
import { PARTS, type Parts } from '../parts.js';
import { MUTATIONS, type Permission, QUERIES, forbid, holdsOneOf, rolesNeeded } from './permissions.js';
import { scopeOf } from './subjects.js';

/** Refuses every query and mutation whose asker does not hold a role that the table of permissions names. */
@Injectable()
export class AccessGuard implements CanActivate {
  constructor(@Inject(PARTS) private readonly parts: Parts) {}

  async canActivate(execution: ExecutionContext): Promise<boolean> {
    // Plain HTTP paths say themselves who may do what.
    if (execution.getType<string>() !== 'graphql') return true;
    const graphql = GqlExecutionContext.create(execution);
    const { fieldName, parentType } = graphql.getInfo<GraphQLResolveInfo>();
    const permission = permissionFor(parentType.name, fieldName);
    const args = graphql.getArgs<Record<string, unknown>>();
    const roles = rolesNeeded(permission, sectionOf(args));
    if (roles === 'somebody') return true;
    const { asker } = graphql.getContext<GraphqlContext>();
    const scope = await scopeOf(this.parts, permission.subject, args);
    if (!holdsOneOf(asker, roles, scope)) forbid(fieldName, roles, scope);
    return true;
  }
}

function permissionFor(type: string, field: string): Permission {
  const table: Readonly<Record<string, Permission>> = type === 'Mutation' ? MUTATIONS : QUERIES;
  const permission = table[field];
  if (!permission) throw new Error(`no permission is set for ${type}.${field}`);
  return permission;
}

function sectionOf(args: Record<string, unknown>): Section | undefined {
  const { section } = (args['input'] ?? {}) as { section?: unknown };
  return SECTIONS.find((name) => name === section);
}
