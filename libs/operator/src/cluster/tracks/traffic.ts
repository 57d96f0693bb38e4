import { type KubernetesObject, type Plan, readBack } from '@waybill/adapters';
import { type JsonValue, canonicalText } from '@waybill/kernel';
import { referenceOfObject, withUids } from '../../release-resource/inventory.js';
import { applyObjects } from '../applying.js';
import type { Pass } from '../pass.js';

/** The objects of `to` that `from` has otherwise: what shifts the traffic from the one to the other. */
export function shifted(from: Plan, to: Plan): KubernetesObject[] {
  return to.objects.filter((object, i) => textOf(object) !== textOf(from.objects[i]!));
}

const textOf = (object: KubernetesObject): string => canonicalText(object as unknown as JsonValue);

/**
 * Applies the objects, each whole, and asks the server for each of them. Empty when all of them read back equal;
 * otherwise where they do not: somebody wrote in between.
 */
export async function applyAndReadBack(pass: Pass, objects: readonly KubernetesObject[]): Promise<string[]> {
  const applied = await applyObjects(pass, objects);
  pass.set({ inventory: withUids(pass.facts.inventory, applied) });
  const looked = await Promise.all(
    objects.map(async (object) => {
      const live = await pass.world.cluster.get(referenceOfObject(object));
      const where = `${object.kind} ${object.metadata.name}`;
      if (!live) return [`${where}: missing`];
      pass.keep(live);
      return readBack(object, live).map((path) => `${where}: ${path}`);
    }),
  );
  return looked.flat();
}
