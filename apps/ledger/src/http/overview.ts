import type { EnvironmentRow, ProjectRow, ReleaseRow } from '@waybill/views';
import type { Asker } from '../access/asker.js';
import { readableProjects } from '../access/permissions.js';
import type { Parts } from '../parts.js';

/** What the first page shows, cut to what the reader may see. */
export interface Overview {
  readonly projects: readonly ProjectRow[];
  readonly releases: readonly ReleaseRow[];
  readonly environments: readonly EnvironmentRow[];
}

const MOST_PROJECTS = 50;
const MOST_RELEASES = 20;

export async function overviewFor({ views }: Pick<Parts, 'views'>, asker: Asker): Promise<Overview> {
  const readable = readableProjects(asker);
  if (readable === '*') {
    const [projects, releases, environments] = await Promise.all([
      views.projects.list({ first: MOST_PROJECTS }),
      views.releases.list({ first: MOST_RELEASES }),
      views.environments.live(),
    ]);
    return { projects: projects.nodes, releases: releases.nodes, environments };
  }
  const parts = await Promise.all(
    readable.slice(0, MOST_PROJECTS).map(async (project) => ({
      project: await views.projects.get(project),
      releases: (await views.releases.list({ first: MOST_RELEASES, filter: { project } })).nodes,
      environments: await views.environments.ofProject(project),
    })),
  );
  return {
    projects: parts.flatMap(({ project }) => project ?? []),
    releases: parts
      .flatMap(({ releases }) => releases)
      .sort((a, b) => Number(b.order) - Number(a.order))
      .slice(0, MOST_RELEASES),
    environments: parts.flatMap(({ environments }) => environments),
  };
}
