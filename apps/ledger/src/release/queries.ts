import { Inject } from '@nestjs/common';
import { Args, Context, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import type { Page } from '@waybill/views';
import { requireListed } from '../access/listed.js';
import { inNames } from '../access/named.js';
import { fullReleaseId } from '../access/subjects.js';
import { visible } from '../access/visible.js';
import { type DeploymentAnswer, toDeployment } from '../environment/mapping.js';
import { deploymentNamed } from '../environment/queries.js';
import type * as Api from '../graphql.gen.js';
import type { GraphqlContext } from '../graphql/context.js';
import { mapPage } from '../graphql/paging.js';
import { momentOf } from '../history/moment.js';
import { releaseAt, releasesAt } from '../history/releases.js';
import { LONGEST_WAIT, tooLong } from '../graphql/positions.js';
import { PARTS, type Parts } from '../parts.js';
import { type ApprovalAnswer, type ReleaseAnswer, toRelease } from './mapping.js';
import { settledRelease } from './settled.js';
import { wordsOf } from './words.js';

@Resolver('Release')
export class ReleaseQueries {
  constructor(@Inject(PARTS) private readonly parts: Parts) {}

  @Query()
  async release(
    @Args() { id: idOrPrefix, asOf }: Api.QueryReleaseArgs,
    @Context() context: GraphqlContext,
  ): Promise<ReleaseAnswer | null> {
    const id = await fullReleaseId(this.parts, idOrPrefix);
    if (id === undefined) return null;
    const moment = await momentOf(this.parts, asOf);
    const row = await (moment ? releaseAt(context, id, moment) : context.releases.load(id));
    return row && toRelease(row, moment);
  }

  @Query()
  async settledRelease(
    @Args('id') idOrPrefix: string,
    @Args('timeoutSeconds') timeoutSeconds: number,
  ): Promise<ReleaseAnswer | null> {
    if (!(timeoutSeconds >= 0 && timeoutSeconds <= LONGEST_WAIT)) throw tooLong(timeoutSeconds);
    const id = await fullReleaseId(this.parts, idOrPrefix);
    const row = id === undefined ? undefined : await settledRelease(this.parts, id, timeoutSeconds * 1000);
    return row ? toRelease(row) : null;
  }

  @Query()
  async releases(
    @Args() { filter, asOf, ...request }: Api.QueryReleasesArgs,
    @Context() context: GraphqlContext,
  ): Promise<Page<ReleaseAnswer>> {
    const open = visible(context.asker, filter);
    await requireListed(this.parts, open);
    const moment = await momentOf(this.parts, asOf);
    const wanted = { ...request, filter: open };
    const page = await (moment
      ? releasesAt(this.parts, context, moment, wanted)
      : this.parts.views.releases.list(wanted));
    return mapPage(page, (row) => toRelease(row, moment));
  }

  @ResolveField()
  decisionReason(@Parent() { decisionReason }: ReleaseAnswer): Promise<string | null> {
    return wordsOf(this.parts.blobs, decisionReason);
  }

  @ResolveField()
  approvals(@Parent() { approvals }: ReleaseAnswer): Promise<readonly ApprovalAnswer[]> {
    return Promise.all(
      approvals.map(async (approval) => ({ ...approval, reason: await wordsOf(this.parts.blobs, approval.reason) })),
    );
  }

  /** Approvers are told by name, as they are everywhere else. */
  @ResolveField()
  holds(@Parent() { holds }: ReleaseAnswer, @Context() { people }: GraphqlContext): Promise<readonly Api.Hold[]> {
    return Promise.all(holds.map(async (hold) => ({ ...hold, frees: await inNames(hold.frees, people) })));
  }

  @ResolveField()
  async deployments(
    @Parent() { id, moment }: ReleaseAnswer,
    @Context() context: GraphqlContext,
  ): Promise<readonly DeploymentAnswer[]> {
    const rows = await context.deploymentsOf.load(id);
    if (!moment) return rows.map((row) => toDeployment(row));
    const then = await Promise.all(rows.map(({ name }) => deploymentNamed(context, name, moment)));
    return then.filter((deployment) => deployment !== null);
  }
}
