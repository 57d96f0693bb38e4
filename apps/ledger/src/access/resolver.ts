import { Inject } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { Args, Context, Mutation, Resolver } from '@nestjs/graphql';
import { type AccessCommand, type Role, Scope } from '@waybill/domain';
import { type CommandResult, WaybillError, derivedId, newId, parseInput } from '@waybill/kernel';
import { z } from 'zod';
import type * as Api from '../graphql.gen.js';
import type { GraphqlContext } from '../graphql/context.js';
import { PARTS, type Parts } from '../parts.js';
import { requireRegistered } from '../release/context.js';
import { shown } from '../writing.js';
import { type Asker, givenCommandId, metadataOf } from './asker.js';
import { AccessRequest } from './handlers.js';
import { findPrincipal, requireLogin } from './people.js';
import { type PrincipalRef, principalRef } from './principal.js';

type WithPrincipal<Payload> = Omit<Payload, 'principal'> & { readonly principal: PrincipalRef };
type Given = { [C in AccessCommand as C['type']]: Pick<C, 'type' | 'data'> }[AccessCommand['type']];

const NewToken = z.object({
  roles: z.array(z.string()).min(1, 'name at least one role'),
  expiresInDays: z.int().min(1).max(3650).nullish(),
  name: z.string().trim().min(1).max(100).nullish(),
});

const DAY = 24 * 60 * 60_000;

@Resolver('Principal')
export class AccessMutations {
  constructor(
    @Inject(PARTS) private readonly parts: Parts,
    private readonly bus: CommandBus,
  ) {}

  /** The material is told once: a repeated command cannot tell it again and is refused. */
  @Mutation()
  async createToken(
    @Args('input') input: Api.CreateTokenInput,
    @Context() { asker }: GraphqlContext,
  ): Promise<WithPrincipal<Api.CreateTokenPayload>> {
    const { expiresInDays } = parseInput(NewToken, input, 'token');
    const scope = await this.knownScope(input.project);
    const commandId = givenCommandId(input.commandId) ?? newId();
    const tokenId = derivedId('token', commandId);
    if (await this.parts.operations.tokens.find(tokenId)) throw alreadyCreated(commandId);
    const principal = await this.principalFor(input, scope);
    for (const role of new Set(input.roles)) {
      await this.grant(asker, principal, role, scope, derivedId(commandId, 'grant', role));
    }
    const expiresAt = expiresInDays == null ? null : new Date(Date.parse(this.parts.now()) + expiresInDays * DAY);
    const data = { principal, token: tokenId, expiresAt: expiresAt?.toISOString() ?? null };
    const result = await this.send(asker, { type: 'CreateToken', data }, commandId);
    if (result.repeated) throw alreadyCreated(commandId);
    const { token } = await this.parts.operations.tokens.create(
      data.expiresAt === null ? { tokenId, principal } : { tokenId, principal, expiresAt: data.expiresAt },
    );
    const position = await shown(this.parts, result);
    return { token, tokenId, principal: principalRef(principal), position };
  }

  @Mutation()
  async revokeToken(
    @Args('id') id: string,
    @Args('commandId') commandId: string | undefined,
    @Context() { asker }: GraphqlContext,
  ): Promise<WithPrincipal<Api.PrincipalPayload>> {
    const token = await this.parts.operations.tokens.find(id);
    if (!token) {
      throw new WaybillError('NOT_FOUND', `no token has the id ${id}`, {
        hint: 'It was told when the token was created; the events of its owner name it too.',
      });
    }
    const { principal } = token;
    const result = await this.revoke(asker, principal, id, givenCommandId(commandId));
    return { principal: principalRef(principal), position: await shown(this.parts, result) };
  }

  @Mutation()
  async grantRole(
    @Args('input') { principal: given, role, project, commandId }: Api.GrantInput,
    @Context() { asker }: GraphqlContext,
  ): Promise<WithPrincipal<Api.PrincipalPayload>> {
    const { id } = await findPrincipal(this.parts.operations.people, given);
    const scope = await this.knownScope(project);
    const result = await this.grant(asker, id, role, scope, givenCommandId(commandId));
    return { principal: principalRef(id), position: await shown(this.parts, result) };
  }

  @Mutation()
  async revokeRole(
    @Args('input') { principal: given, role, project, commandId }: Api.GrantInput,
    @Context() { asker }: GraphqlContext,
  ): Promise<WithPrincipal<Api.PrincipalPayload>> {
    const { id } = await findPrincipal(this.parts.operations.people, given);
    const data = { principal: id, role, scope: scopeOf(project) };
    const result = await this.send(asker, { type: 'RevokeAccess', data }, givenCommandId(commandId));
    return { principal: principalRef(id), position: await shown(this.parts, result) };
  }

  /** Whose name is gone cannot be asked any more: their tokens go first, so that none is left when it is interrupted. */
  @Mutation()
  async erasePerson(
    @Args('person') given: string,
    @Context() { asker }: GraphqlContext,
  ): Promise<WithPrincipal<Api.PrincipalPayload>> {
    const { people, tokens } = this.parts.operations;
    const { id } = await findPrincipal(people, given);
    for (const { tokenId, revokedAt } of await tokens.list(id)) {
      if (revokedAt === null) await this.revoke(asker, id, tokenId, undefined);
    }
    await people.erase(id);
    return { principal: principalRef(id), position: this.parts.views.position() ?? null };
  }

  @Mutation()
  createLoginLink(@Context() { asker }: GraphqlContext): Api.LoginLink {
    const { code, expiresAt } = this.parts.sessions.issueCode(asker.principal);
    return { url: `${this.parts.address.url()}/login?code=${code}`, expiresAt };
  }

  /** All projects, or one that is registered: a role for a project that is not would be given to whoever takes the key. */
  private async knownScope(given: string | null | undefined): Promise<string> {
    const scope = scopeOf(given);
    if (scope !== '*') await requireRegistered(this.parts, scope);
    return scope;
  }

  private grant(
    asker: Asker,
    principal: string,
    role: Role,
    scope: string,
    commandId: string | undefined,
  ): Promise<CommandResult<unknown>> {
    return this.send(asker, { type: 'GrantAccess', data: { principal, role, scope } }, commandId);
  }

  private async revoke(
    asker: Asker,
    principal: string,
    token: string,
    commandId: string | undefined,
  ): Promise<CommandResult<unknown>> {
    const result = await this.send(asker, { type: 'RevokeToken', data: { principal, token } }, commandId);
    await this.parts.operations.tokens.revoke(token);
    return result;
  }

  private send(asker: Asker, given: Given, commandId: string | undefined): Promise<CommandResult<unknown>> {
    const metadata = metadataOf(asker, '*', this.parts.now(), commandId);
    return this.bus.execute(new AccessRequest({ ...given, metadata }));
  }

  /** The person with the login, or the service of that name: services of one name are one service. */
  private async principalFor({ person, name, roles }: Api.CreateTokenInput, scope: string): Promise<string> {
    const { people } = this.parts.operations;
    const called = name?.trim();
    if (person != null) {
      const login = requireLogin(person, 'person');
      const known = await people.find(login);
      return known?.id ?? (await people.identify(called ? { login, name: called } : { login })).id;
    }
    const unnamed = `${[...new Set(roles)].sort().join('+')} for ${scope === '*' ? 'all projects' : scope}`;
    return (await people.identifyService(called ?? unnamed)).id;
  }
}

const GivenScope = z.object({ project: Scope });

const scopeOf = (project: string | null | undefined): string =>
  parseInput(GivenScope, { project: project ?? '*' }, 'project').project;

function alreadyCreated(commandId: string): WaybillError {
  return new WaybillError('ALREADY_EXISTS', `command ${commandId} created its token already; it is told only once`, {
    hint: 'Create another token with a new command id, and revoke this one if it was lost.',
  });
}
