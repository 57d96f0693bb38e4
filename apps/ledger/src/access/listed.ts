import { WaybillError } from '@waybill/kernel';
import type { Parts } from '../parts.js';
import { requireProject } from '../project/queries.js';

interface Named {
  readonly project?: string | null | undefined;
  readonly location?: string | null | undefined;
}

/**
 * A list of what nobody has is no empty list: throws `NOT_FOUND` naming the project or location that does not exist.
 * Ask it after it is known that the asker may read the project.
 */
export async function requireListed(parts: Pick<Parts, 'views'>, { project, location }: Named): Promise<void> {
  if (project != null) await requireProject(parts, project.trim().toLowerCase());
  if (location != null) await requireLocation(parts, location.trim().toLowerCase());
}

async function requireLocation({ views }: Pick<Parts, 'views'>, key: string): Promise<void> {
  if (await views.locations.get(key)) return;
  throw new WaybillError('NOT_FOUND', `no location is called ${key}`, {
    hint: 'waybill location list shows what there is.',
  });
}
