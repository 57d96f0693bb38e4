import { Inject } from '@nestjs/common';
import { Args, Context, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import { explainMatch, slotOf } from '@waybill/domain';
import { WaybillError } from '@waybill/kernel';
import { type Page, type ProjectRow, listFingerprint, pageOf, pageSize } from '@waybill/views';
import { readableProjects } from '../access/permissions.js';
import { type EnvironmentAnswer, toEnvironment } from '../environment/mapping.js';
import type * as Api from '../graphql.gen.js';
import { momentOf } from '../history/moment.js';
import { releasesAt } from '../history/releases.js';
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
  async project(@Args() { key: given, asOf }: Api.QueryProjectArgs): Promise<ProjectAnswer | null> {
    const { projects, history } = this.parts.views;
    const key = given.trim().toLowerCase();
    const moment = await momentOf(this.parts, asOf);
    const row = moment ? await history.projectAt(key, moment) : await projects.get(key);
    return row ? toProject(row, moment) : null;
  }

  @Query()
  async projects(
    @Args() { search, asOf, ...request }: Api.QueryProjectsArgs,
    @Context() { asker }: GraphqlContext,
  ): Promise<Page<ProjectAnswer>> {
    const readable = readableProjects(asker);
    const moment = await momentOf(this.parts, asOf);
    if (moment) {
      const projects = readable === '*' ? null : readable;
      const then = await this.parts.views.history.projectsAt(moment, { ...request, search, projects });
      return mapPage(then, (row) => toProject(row, moment));
    }
    if (readable === '*') {
      return mapPage(await this.parts.views.projects.list({ ...request, search }), (row) => toProject(row));
    }
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
    @Parent() { key, moment }: ProjectAnswer,
    @Args() { first, after }: Api.ProjectReleasesArgs,
    @Context() context: GraphqlContext,
  ): Promise<Page<ReleaseAnswer>> {
    const wanted = { first, after, filter: { project: key } };
    const page = await (moment
      ? releasesAt(this.parts, context, moment, wanted)
      : this.parts.views.releases.list(wanted));
    return mapPage(page, (row) => toRelease(row, moment));
  }

  @ResolveField()
  async environments(@Parent() { key, moment }: ProjectAnswer): Promise<readonly EnvironmentAnswer[]> {
    const { environments, history } = this.parts.views;
    const rows = await (moment ? history.environmentsOfProjectAt(key, moment) : environments.ofProject(key));
    return rows.map((row) => toEnvironment(row, moment));
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
