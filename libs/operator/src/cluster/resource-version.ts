/**
 * Whether `a` was written before `b`. Resource versions are integers that grow (KEP-5504, true of every API server on
 * etcd before it); where one is not, nothing is known, and the later word counts.
 */
export function isOlder(a: string, b: string): boolean {
  return /^\d+$/.test(a) && /^\d+$/.test(b) && BigInt(a) < BigInt(b);
}
