import { type ProjectEvent, type ProjectState, ProjectKey, projectDecider, projectStreamOf } from '@waybill/domain';
import { WaybillError, loadStream, parseInput } from '@waybill/kernel';
import type { Parts } from '../parts.js';

/** The key of a project that is registered. Throws `NOT_FOUND`. */
export async function requireProject(parts: Parts, given: string): Promise<string> {
  const project = parseInput(ProjectKey, given, 'project');
  const { state } = await loadStream<ProjectState, ProjectEvent>(parts, projectDecider, projectStreamOf(project));
  if (state.registered) return project;
  throw new WaybillError('NOT_FOUND', `no project is called ${project}`, {
    hint: `Register it first (waybill project create ${project}), or check the key.`,
  });
}
