import type { LiveObject } from '@waybill/adapters';
import { type JsonValue, canonicalText, sha256 } from '@waybill/kernel';

/** Written by Kubernetes' own controllers into objects of others. */
const CONTROLLERS_OWN = ['deployment.kubernetes.io/revision'];

/**
 * Same for two states of an object that differ in nothing a person could have changed. An object whose fingerprint is
 * the one that was compared with its plan before need not be compared again.
 */
export function fingerprint(object: LiveObject): string {
  const { metadata, status: _, ...content } = object;
  const annotations = { ...metadata.annotations };
  for (const name of CONTROLLERS_OWN) delete annotations[name];
  const { uid, labels = {}, ownerReferences = [], finalizers = [] } = metadata;
  const named = { uid, labels, annotations, ownerReferences, finalizers };
  return sha256(canonicalText({ ...content, metadata: named } as JsonValue));
}
