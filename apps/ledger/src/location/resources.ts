import type { KnownResource } from '@waybill/domain';
import type { Parts } from '../parts.js';
import { catchUpWithLog } from '../reading.js';

/** Every resource that may be deployed to, as the whole log up to now tells it. */
export async function resourcesInForce(parts: Pick<Parts, 'store' | 'views'>): Promise<readonly KnownResource[]> {
  await catchUpWithLog(parts);
  return parts.views.locations.knownResources();
}
