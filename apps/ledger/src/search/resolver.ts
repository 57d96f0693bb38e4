import { Inject } from '@nestjs/common';
import { Args, Context, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import { WaybillError } from '@waybill/kernel';
import type { FoundHit, SearchCriterion } from '@waybill/views';
import { forbid, mayRead, readableProjects } from '../access/permissions.js';
import { type DeploymentAnswer, toDeployment } from '../environment/mapping.js';
import type * as Api from '../graphql.gen.js';
import type { GraphqlContext } from '../graphql/context.js';
import { PARTS, type Parts } from '../parts.js';
import { type ReleaseAnswer, toRelease } from '../release/mapping.js';
import { criteriaOfInput, criteriaOfText } from './criteria.js';

/** What was found, with what its deployments are narrowed to. */
interface Hit extends FoundHit {
  readonly only: { readonly environment: string | null; readonly location: string | null };
}

interface HitPage {
  readonly nodes: readonly Hit[];
  readonly edges: readonly { readonly cursor: string; readonly node: Hit }[];
  readonly pageInfo: Api.PageInfo;
}

@Resolver('SearchHit')
export class SearchQueries {
  constructor(@Inject(PARTS) private readonly parts: Parts) {}

  @Query()
  async search(
    @Args() { text, by, ...request }: Api.QuerySearchArgs,
    @Context() { asker }: GraphqlContext,
  ): Promise<HitPage> {
    if ((text == null) === (by == null)) {
      const message = 'give either text or by';
      throw new WaybillError('INVALID_INPUT', `search: ${message}`, { fields: [{ field: 'text', message }] });
    }
    const project = by?.project?.trim().toLowerCase();
    if (project !== undefined && !mayRead(asker, project)) forbid('search', ['analyst'], project);
    const readable = readableProjects(asker);
    const anyOf = by ? [await criteriaOfInput(this.parts, by)] : await criteriaOfText(this.parts, text!);
    const projects = readable === '*' ? null : readable;
    const page = await this.parts.views.search.find({ ...request, anyOf, projects });
    const only = narrowed(by ? anyOf[0]! : []);
    const edges = page.edges.map(({ cursor, node }) => ({ cursor, node: { ...node, only } }));
    return { nodes: edges.map(({ node }) => node), edges, pageInfo: page.pageInfo };
  }

  @ResolveField()
  foundBy(@Parent() { by }: Hit): readonly string[] {
    return by;
  }

  @ResolveField()
  async release(@Parent() { release }: Hit, @Context() { releases }: GraphqlContext): Promise<ReleaseAnswer | null> {
    const row = release === null ? null : await releases.load(release);
    return row && toRelease(row);
  }

  @ResolveField()
  async deployments(
    @Parent() { release, deployment, only }: Hit,
    @Context() { deployments, deploymentsOf }: GraphqlContext,
  ): Promise<readonly DeploymentAnswer[]> {
    if (deployment !== null) {
      const row = await deployments.load(deployment);
      return row ? [toDeployment(row)] : [];
    }
    const rows = release === null ? [] : await deploymentsOf.load(release);
    return rows
      .filter(({ environment }) => only.environment === null || environment === only.environment)
      .filter(({ location }) => only.location === null || location === only.location)
      .map((row) => toDeployment(row));
  }
}

/** Who asks for one place wants the deployments there. */
function narrowed(criteria: readonly SearchCriterion[]): Hit['only'] {
  const valueOf = (field: 'environment' | 'location'): string | null => {
    const found = criteria.find((criterion) => criterion.field === field);
    return found && 'value' in found ? found.value : null;
  };
  return { environment: valueOf('environment'), location: valueOf('location') };
}
