import type { KubernetesObject, LiveObject } from '@waybill/adapters';
import { labelled } from './ownership.js';
import { inParallel } from './parallel.js';
import type { Pass } from './pass.js';

/**
 * Applies the objects in their order, those of one kind beside each other. What stands is written only while it is
 * what was read: the write of a predecessor that slept fails, and ours does not go over one that we have not seen.
 */
export async function applyObjects(pass: Pass, objects: readonly KubernetesObject[]): Promise<LiveObject[]> {
  const { world, release, mayWrite } = pass;
  for (const object of objects) world.objects.follow(kindOf(object));
  const applied: LiveObject[] = [];
  for (const group of byKind(objects)) {
    const results = await inParallel(group, async (object) => {
      const before = await pass.live(object);
      const options = before ? { resourceVersion: before.metadata.resourceVersion } : {};
      mayWrite();
      const live = await world.cluster.apply(labelled(object, release.spec.location), options);
      pass.keep(live);
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

function kindOf({ apiVersion, kind }: KubernetesObject): { group: string; version: string; kind: string } {
  const slash = apiVersion.indexOf('/');
  return { group: slash < 0 ? '' : apiVersion.slice(0, slash), version: apiVersion.slice(slash + 1), kind };
}
