import { Inject } from '@nestjs/common';
import { Args, Context, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import { explainMatch, slotOf } from '@waybill/domain';
import { WaybillError } from '@waybill/kernel';
import { type Page, type ProjectRow, listFingerprint, pageOf, pageSize } from '@waybill/views';
import { readableProjects } from '../access/permissions.js';
import { type EnvironmentAnswer, toEnvironment } from '../environment/mapping.js';
import type * as Api from '../graphql.gen.js';
import type { GraphqlContext } from '../graphql/context.js';
import { mapPage } from '../graphql/paging.js';
import { PARTS, type Parts } from '../parts.js';
import { type ReleaseAnswer, toRelease } from '../release/mapping.js';
import { type ProjectAnswer, toProject } from './mapping.js';
import { parseRef } from './parsing.js';

@Resolver('Project')
export class ProjectQueries {
  constructor(@Inject(PARTS) private readonly parts: Parts) {}

  @Query()
  async project(@Args('key') key: string): Promise<ProjectAnswer | null> {
    const row = await this.parts.views.projects.get(key.trim().toLowerCase());
    return row ? toProject(row) : null;
  }

  @Query()
  async projects(
    @Args() { search, ...request }: Api.QueryProjectsArgs,
    @Context() { asker }: GraphqlContext,
  ): Promise<Page<ProjectAnswer>> {
    const readable = readableProjects(asker);
    if (readable === '*') return mapPage(await this.parts.views.projects.list({ ...request, search }), toProject);
    const rows = await Promise.all([...readable].sort().map((key) => this.parts.views.projects.get(key)));
    const wanted = search?.trim().toLowerCase() ?? '';
    const open = rows.filter((row) => row !== undefined && `${row.key} ${row.name}`.toLowerCase().includes(wanted));
    return pageOf(
      open.slice(0, pageSize(request.first) + 1).map((row) => ({ key: row!.key, node: toProject(row!) })),
      {
        fingerprint: listFingerprint('projects', wanted),
        size: pageSize(request.first),
        after: false,
        totalCount: open.length,
      },
    );
  }

  @Query()
  async testRules(@Args('project') key: string, @Args('ref') given: Api.RefInput): Promise<Api.RuleTest> {
    const project = await requireProject(this.parts, key.trim().toLowerCase());
    const ref = parseRef(given);
    const explanations = explainMatch(project.rules, ref);
    const matched = explanations.find(({ matches }) => matches)?.rule ?? null;
    return {
      ref: ref.name,
      kind: ref.kind,
      matched,
      slot: matched === null ? null : slotOf(project.key, ref),
      explanations,
    };
  }

  @ResolveField()
  async releases(
    @Parent() { key }: ProjectAnswer,
    @Args() { first, after }: Api.ProjectReleasesArgs,
  ): Promise<Page<ReleaseAnswer>> {
    return mapPage(await this.parts.views.releases.list({ first, after, filter: { project: key } }), toRelease);
  }

  @ResolveField()
  async environments(@Parent() { key }: ProjectAnswer): Promise<readonly EnvironmentAnswer[]> {
    return (await this.parts.views.environments.ofProject(key)).map(toEnvironment);
  }
}

/** Throws `NOT_FOUND`. */
export async function requireProject({ views }: Pick<Parts, 'views'>, key: string): Promise<ProjectRow> {
  const row = await views.projects.get(key);
  if (row) return row;
  throw new WaybillError('NOT_FOUND', `no project is called ${key}`, {
    hint: `Register it first (waybill project create ${key}), or check the key.`,
  });
}
