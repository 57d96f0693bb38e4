import { WaybillError } from '@waybill/kernel';
import type { Asker } from './asker.js';
import { forbid, mayRead, readableProjects } from './permissions.js';

/**
 * The project filter of a list, cut to what the asker may read: as given, or the one project that is open. With several
 * open projects a list must name one.
 */
export function visibleProject(asker: Asker, given: string | null | undefined): string | undefined {
  const project = given?.trim().toLowerCase();
  if (project !== undefined) return mayRead(asker, project) ? project : forbid('this list', ['analyst'], project);
  const readable = readableProjects(asker);
  if (readable === '*') return undefined;
  if (readable.length === 1) return readable[0];
  const message = `name one of your projects: ${readable.join(', ')}`;
  throw new WaybillError('INVALID_INPUT', `filter.project: ${message}`, {
    fields: [{ field: 'filter.project', message }],
  });
}
