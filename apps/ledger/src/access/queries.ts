import { Inject } from '@nestjs/common';
import { Args, Context, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import { mayDo } from '@waybill/domain';
import type { Page } from '@waybill/views';
import type * as Api from '../graphql.gen.js';
import type { GraphqlContext } from '../graphql/context.js';
import { mapPage } from '../graphql/paging.js';
import { PARTS, type Parts } from '../parts.js';
import { type PrincipalRef, principalRef } from './principal.js';

@Resolver('Principal')
export class PrincipalQueries {
  constructor(@Inject(PARTS) private readonly parts: Parts) {}

  @Query()
  me(@Context() { asker }: GraphqlContext): PrincipalRef {
    return principalRef(asker.principal);
  }

  @Query()
  async principals(@Args() request: Api.QueryPrincipalsArgs): Promise<Page<PrincipalRef>> {
    return mapPage(await this.parts.views.access.list(request), ({ id }) => principalRef(id));
  }

  @ResolveField()
  async name(@Parent() { id, kind }: PrincipalRef, @Context() { people }: GraphqlContext): Promise<string | null> {
    if (kind !== 'person' && kind !== 'service') return id;
    return (await people.load(id))?.name ?? null;
  }

  @ResolveField()
  async login(@Parent() { id, kind }: PrincipalRef, @Context() { people }: GraphqlContext): Promise<string | null> {
    return kind === 'person' ? ((await people.load(id))?.login ?? null) : null;
  }

  @ResolveField()
  async tokens(
    @Parent() { id, kind }: PrincipalRef,
    @Context() { asker }: GraphqlContext,
  ): Promise<readonly Api.Token[]> {
    if (kind !== 'person' && kind !== 'service') return [];
    if (id !== asker.principal && !mayDo(asker.access, 'admin', '*')) return [];
    const tokens = await this.parts.operations.tokens.list(id);
    return tokens.map(({ tokenId, principal: _, ...token }) => ({ id: tokenId, ...token }));
  }

  @ResolveField()
  async grants(
    @Parent() { id, kind }: PrincipalRef,
    @Context() { asker }: GraphqlContext,
  ): Promise<readonly Api.Grant[]> {
    if (kind !== 'person' && kind !== 'service') return [];
    if (id === asker.principal) return asker.access.grants;
    return (await this.parts.views.access.principal(id))?.grants ?? [];
  }
}
