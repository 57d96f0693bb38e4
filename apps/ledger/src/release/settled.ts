import { releaseStreamOf } from '@waybill/domain';
import type { ReleaseRow } from '@waybill/views';
import type { Parts } from '../parts.js';
import { catchUp } from '../reading.js';

const UNSETTLED: ReadonlySet<ReleaseRow['state']> = new Set(['PREPARING', 'HELD', 'DEPLOYING']);

/** Answers once the release has come to its end, or when `timeoutMs` is over, as it is then. */
export async function settledRelease(
  { store, views }: Pick<Parts, 'store' | 'views'>,
  release: string,
  timeoutMs: number,
): Promise<ReleaseRow | undefined> {
  const stream = releaseStreamOf(release);
  // Taken before the row is read: whatever the row does not show yet lies behind it.
  const after = views.position();
  const row = await views.releases.get(release);
  if (!row || !UNSETTLED.has(row.state)) return row;
  for await (const batch of store.subscribe({ after, signal: AbortSignal.timeout(timeoutMs) })) {
    const news = batch.findLast((event) => event.stream === stream);
    if (!news) continue;
    await catchUp({ views }, news.position);
    const now = await views.releases.get(release);
    if (!now || !UNSETTLED.has(now.state)) return now;
  }
  // What an operator waits for shows in the row without an event of the release.
  return views.releases.get(release);
}
