import { Inject } from '@nestjs/common';
import { Args, Context, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import type { ReleaseRow } from '@waybill/views';
import { inNames } from '../access/named.js';
import { type DeploymentAnswer, toDeployment } from '../environment/mapping.js';
import type * as Api from '../graphql.gen.js';
import type { GraphqlContext } from '../graphql/context.js';
import { PARTS, type Parts } from '../parts.js';
import { projectKey } from '../project/parsing.js';
import { requireProject } from '../project/queries.js';
import { type ReleaseAnswer, toRelease } from '../release/mapping.js';
import { type Reason, explained, reasonsOf } from './not-deployed.js';

interface PushAnswer {
  readonly release: ReleaseAnswer | null;
  readonly location: string | null;
  readonly reasons: readonly Reason[];
}

@Resolver('Push')
export class WhyNotQueries {
  constructor(@Inject(PARTS) private readonly parts: Parts) {}

  @Query()
  async whyNot(
    @Args('input') input: Api.WhyNotInput,
    @Args('first') first: number,
    @Context() context: GraphqlContext,
  ): Promise<readonly PushAnswer[]> {
    const project = await requireProject(this.parts, projectKey(input.project));
    const ref = input.ref?.trim() ?? null;
    const commit = input.commit ?? null;
    const location = input.location?.trim().toLowerCase() ?? null;
    const filter = { project: project.key, ref, commit };
    const { nodes } = await this.parts.views.releases.list({ first, filter });
    if (nodes.length > 0) return Promise.all(nodes.map((row) => this.pushOf(context, row, location)));
    const what = [ref === null ? '' : ` ${ref}`, commit === null ? '' : ` at commit ${commit}`].join('');
    const message = `Nobody asked for a release of ${project.key}${what}: the ledger never heard of that push.`;
    const explanations = ref === null ? [] : explained(project.rules, { kind: input.refKind ?? 'branch', name: ref });
    const reason: Reason = { __typename: 'NeverAsked', message, location: null, event: null, explanations };
    return [{ release: null, location, reasons: [reason] }];
  }

  @ResolveField()
  async deployments(
    @Parent() { release, location }: PushAnswer,
    @Context() { deploymentsOf }: GraphqlContext,
  ): Promise<readonly DeploymentAnswer[]> {
    const rows = release === null ? [] : await deploymentsOf.load(release.id);
    return rows.filter((row) => location === null || row.location === location).map((row) => toDeployment(row));
  }

  private async pushOf(context: GraphqlContext, row: ReleaseRow, location: string | null): Promise<PushAnswer> {
    return { release: toRelease(row), location, reasons: await reasonsOf(this.parts, context, row, location) };
  }
}

@Resolver('Release')
export class ReleaseReasons {
  constructor(@Inject(PARTS) private readonly parts: Parts) {}

  @ResolveField()
  async notDeployed(
    @Parent() { id }: ReleaseAnswer,
    @Args('location') location: string | null | undefined,
    @Context() context: GraphqlContext,
  ): Promise<readonly Reason[]> {
    const row = await context.releases.load(id);
    return row ? reasonsOf(this.parts, context, row, location?.trim().toLowerCase() ?? null) : [];
  }
}

@Resolver('HeldBack')
export class HeldBackFields {
  @ResolveField()
  holds(
    @Parent() { holds }: { readonly holds: readonly Api.Hold[] },
    @Context() { people }: GraphqlContext,
  ): Promise<readonly Api.Hold[]> {
    return Promise.all(holds.map(async (hold) => ({ ...hold, frees: await inNames(hold.frees, people) })));
  }
}

@Resolver('RefusedByApprover')
export class RefusedFields {
  @ResolveField()
  reason(@Parent() { reason }: { readonly reason: string | null }, @Context() { contents }: GraphqlContext) {
    return reason === null ? null : contents.load(reason);
  }
}

@Resolver('CancelledBefore')
export class CancelledFields {
  @ResolveField()
  reason(@Parent() { reason }: { readonly reason: string | null }, @Context() { contents }: GraphqlContext) {
    return reason === null ? null : contents.load(reason);
  }
}

@Resolver('SupersededBefore')
export class SupersededFields {
  @ResolveField()
  async by(
    @Parent() { byRelease }: { readonly byRelease: string | null },
    @Context() { releases }: GraphqlContext,
  ): Promise<ReleaseAnswer | null> {
    const row = byRelease === null ? null : await releases.load(byRelease);
    return row && toRelease(row);
  }
}
