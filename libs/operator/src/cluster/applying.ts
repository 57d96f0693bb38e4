import { type KubernetesObject, type LiveObject, appliedInAnotherVersion } from '@waybill/adapters';
import { referenceOfObject } from '../release-resource/inventory.js';
import { labelled } from './ownership.js';
import { inParallel } from './parallel.js';
import type { Pass } from './pass.js';

/**
 * Applies the objects in their order, those of one kind beside each other. What stands is written only while it is
 * what was read: the write of a predecessor that slept fails, and ours does not go over one that we have not seen.
 */
export async function applyObjects(pass: Pass, objects: readonly KubernetesObject[]): Promise<LiveObject[]> {
  const { world, release, mayWrite } = pass;
  for (const object of objects) world.objects.follow(referenceOfObject(object));
  const applied: LiveObject[] = [];
  for (const group of byKind(objects)) {
    const results = await inParallel(group, async (object) => {
      const before = await pass.live(object);
      const options = before
        ? {
            resourceVersion: before.metadata.resourceVersion,
            migrate: appliedInAnotherVersion(before, object.apiVersion),
          }
        : {};
      mayWrite();
      const live = await world.cluster.apply(labelled(object, release.spec.location), options);
      pass.keep(live);
      // What an apply answered is what another one would make of it.
      world.compared.set(pass.name, live);
      return live;
    });
    applied.push(...results);
  }
  return applied;
}

function byKind(objects: readonly KubernetesObject[]): KubernetesObject[][] {
  const groups: KubernetesObject[][] = [];
  for (const object of objects) {
    const last = groups.at(-1);
    if (last && last[0]!.kind === object.kind && last[0]!.apiVersion === object.apiVersion) last.push(object);
    else groups.push([object]);
  }
  return groups;
}
