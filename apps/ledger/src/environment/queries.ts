import { Inject } from '@nestjs/common';
import { Args, Context, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import type { CountedPage, Moment, Page } from '@waybill/views';
import { requireListed } from '../access/listed.js';
import { visible } from '../access/visible.js';
import type * as Api from '../graphql.gen.js';
import type { GraphqlContext } from '../graphql/context.js';
import { mapNodes, mapPage } from '../graphql/paging.js';
import { momentOf } from '../history/moment.js';
import { releaseAt } from '../history/releases.js';
import { PARTS, type Parts } from '../parts.js';
import { type ReleaseAnswer, toRelease } from '../release/mapping.js';
import { type DeploymentAnswer, type EnvironmentAnswer, toDeployment, toEnvironment } from './mapping.js';

@Resolver('Environment')
export class EnvironmentQueries {
  constructor(@Inject(PARTS) private readonly parts: Parts) {}

  @Query()
  async environment(@Args() { name: given, asOf }: Api.QueryEnvironmentArgs): Promise<EnvironmentAnswer | null> {
    const { environments, history } = this.parts.views;
    const name = given.trim().toLowerCase();
    const moment = await momentOf(this.parts, asOf);
    const row = moment ? await history.environmentAt(name, moment) : await environments.get(name);
    return row ? toEnvironment(row, moment) : null;
  }

  @Query()
  async environments(
    @Args() { filter, asOf, ...request }: Api.QueryEnvironmentsArgs,
    @Context() { asker }: GraphqlContext,
  ): Promise<Page<EnvironmentAnswer> | CountedPage<EnvironmentAnswer>> {
    const open = visible(asker, filter);
    await requireListed(this.parts, open);
    const moment = await momentOf(this.parts, asOf);
    if (moment) {
      const then = await this.parts.views.history.environmentsAt(moment, { ...request, filter: open });
      return mapNodes(then, (row) => toEnvironment(row, moment));
    }
    const page = await this.parts.views.environments.list({ ...request, filter: open });
    return mapPage(page, (row) => toEnvironment(row));
  }

  @ResolveField()
  current(@Parent() { current, moment }: EnvironmentAnswer, @Context() context: GraphqlContext) {
    return deploymentNamed(context, current, moment);
  }

  @ResolveField()
  lastGood(@Parent() { lastGood, moment }: EnvironmentAnswer, @Context() context: GraphqlContext) {
    return deploymentNamed(context, lastGood, moment);
  }

  @ResolveField()
  running(@Parent() { running, moment }: EnvironmentAnswer, @Context() context: GraphqlContext) {
    return deploymentNamed(context, running, moment);
  }

  @ResolveField()
  async deployments(
    @Parent() { name }: EnvironmentAnswer,
    @Args() { first, after, followMigrations }: Api.EnvironmentDeploymentsArgs,
  ): Promise<Page<DeploymentAnswer>> {
    const page = await this.parts.views.deployments.list({
      first,
      after,
      filter: { environment: name, followMigrations },
    });
    return mapPage(page, (row) => toDeployment(row));
  }
}

@Resolver('Deployment')
export class DeploymentQueries {
  constructor(@Inject(PARTS) private readonly parts: Parts) {}

  @Query()
  async deployment(
    @Args() { name, asOf }: Api.QueryDeploymentArgs,
    @Context() context: GraphqlContext,
  ): Promise<DeploymentAnswer | null> {
    return deploymentNamed(context, name.trim().toLowerCase(), await momentOf(this.parts, asOf));
  }

  @Query()
  async deployments(
    @Args() { filter, ...request }: Api.QueryDeploymentsArgs,
    @Context() { asker }: GraphqlContext,
  ): Promise<Page<DeploymentAnswer>> {
    const open = visible(asker, filter);
    await requireListed(this.parts, open);
    const page = await this.parts.views.deployments.list({ ...request, filter: open });
    return mapPage(page, (row) => toDeployment(row));
  }

  @ResolveField()
  async release(
    @Parent() { release, moment }: DeploymentAnswer,
    @Context() context: GraphqlContext,
  ): Promise<ReleaseAnswer | null> {
    if (release === null) return null;
    const row = await (moment ? releaseAt(context, release, moment) : context.releases.load(release));
    return row && toRelease(row, moment);
  }
}

/** As it is, or as it was at a moment; null for null, and when there is none. */
export async function deploymentNamed(
  { deployments, deploymentsAt }: GraphqlContext,
  name: string | null,
  moment: Moment | null,
): Promise<DeploymentAnswer | null> {
  if (name === null) return null;
  const row = await (moment ? deploymentsAt.load({ name, moment }) : deployments.load(name));
  return row && toDeployment(row, moment);
}
