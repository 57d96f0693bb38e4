import type { Asker } from './asker.js';
import { forbid, mayRead, readableProjects } from './permissions.js';

/** The filter of a list, cut to what the asker may read. Throws `FORBIDDEN` for a project that is not open to it. */
export function visible<Filter extends { readonly project?: string | null | undefined }>(
  asker: Asker,
  filter: Filter | null | undefined,
): Omit<Filter, 'project'> & { readonly project: string | undefined; readonly projects: readonly string[] | null } {
  const { project: given, ...rest } = filter ?? ({} as Filter);
  const project = given?.trim().toLowerCase();
  if (project !== undefined && !mayRead(asker, project)) forbid('this list', ['analyst'], project);
  const readable = readableProjects(asker);
  return { ...rest, project, projects: readable === '*' ? null : readable };
}
