import { Inject } from '@nestjs/common';
import { Args, Context, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import type { Page } from '@waybill/views';
import { requireListed } from '../access/listed.js';
import { visible } from '../access/visible.js';
import type * as Api from '../graphql.gen.js';
import type { GraphqlContext } from '../graphql/context.js';
import { mapPage } from '../graphql/paging.js';
import { PARTS, type Parts } from '../parts.js';
import { type ReleaseAnswer, toRelease } from '../release/mapping.js';
import { type DeploymentAnswer, type EnvironmentAnswer, toDeployment, toEnvironment } from './mapping.js';

@Resolver('Environment')
export class EnvironmentQueries {
  constructor(@Inject(PARTS) private readonly parts: Parts) {}

  @Query()
  async environment(@Args('name') name: string): Promise<EnvironmentAnswer | null> {
    const row = await this.parts.views.environments.get(name.trim().toLowerCase());
    return row ? toEnvironment(row) : null;
  }

  @Query()
  async environments(
    @Args() { filter, ...request }: Api.QueryEnvironmentsArgs,
    @Context() { asker }: GraphqlContext,
  ): Promise<Page<EnvironmentAnswer>> {
    const open = visible(asker, filter);
    await requireListed(this.parts, open);
    const page = await this.parts.views.environments.list({ ...request, filter: open });
    return mapPage(page, toEnvironment);
  }

  @ResolveField()
  current(@Parent() { current }: EnvironmentAnswer, @Context() context: GraphqlContext) {
    return deploymentNamed(context, current);
  }

  @ResolveField()
  lastGood(@Parent() { lastGood }: EnvironmentAnswer, @Context() context: GraphqlContext) {
    return deploymentNamed(context, lastGood);
  }

  @ResolveField()
  running(@Parent() { running }: EnvironmentAnswer, @Context() context: GraphqlContext) {
    return deploymentNamed(context, running);
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
    return mapPage(page, toDeployment);
  }
}

@Resolver('Deployment')
export class DeploymentQueries {
  constructor(@Inject(PARTS) private readonly parts: Parts) {}

  @Query()
  deployment(@Args('name') name: string, @Context() context: GraphqlContext): Promise<DeploymentAnswer | null> {
    return deploymentNamed(context, name.trim().toLowerCase());
  }

  @Query()
  async deployments(
    @Args() { filter, ...request }: Api.QueryDeploymentsArgs,
    @Context() { asker }: GraphqlContext,
  ): Promise<Page<DeploymentAnswer>> {
    const open = visible(asker, filter);
    await requireListed(this.parts, open);
    const page = await this.parts.views.deployments.list({ ...request, filter: open });
    return mapPage(page, toDeployment);
  }

  @ResolveField()
  async release(
    @Parent() { release }: DeploymentAnswer,
    @Context() { releases }: GraphqlContext,
  ): Promise<ReleaseAnswer | null> {
    const row = release === null ? null : await releases.load(release);
    return row && toRelease(row);
  }
}

async function deploymentNamed({ deployments }: GraphqlContext, name: string | null): Promise<DeploymentAnswer | null> {
  const row = name === null ? null : await deployments.load(name);
  return row && toDeployment(row);
}
