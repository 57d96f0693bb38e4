import { RELEASE_BY_ID, type Release, type ReleaseAnswer } from '../documents/releases.js';
import { LedgerError } from '../exit.js';
import type { Ledger } from './client.js';

/** A release by its id or the beginning of it. */
export async function findRelease(ledger: Ledger, id: string): Promise<Release> {
  const { release } = await ledger.ask<ReleaseAnswer>(RELEASE_BY_ID, { id });
  if (release) return release;
  throw new LedgerError('NOT_FOUND', `there is no release ${id}`, { hint: 'waybill history lists releases' });
}
