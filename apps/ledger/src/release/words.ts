import { isWaybillError } from '@waybill/kernel';
import type { BlobStore } from '@waybill/stores';

/** What a person wrote, by its digest; null when nothing was written or it was erased. */
export async function wordsOf(
  blobs: Pick<BlobStore, 'get'>,
  digest: string | null | undefined,
): Promise<string | null> {
  if (digest == null) return null;
  try {
    return await blobs.get(digest);
  } catch (error) {
    if (isWaybillError(error, 'CONTENT_NOT_FOUND')) return null;
    throw error;
  }
}
