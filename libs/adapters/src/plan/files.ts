import { sha256 } from '@waybill/kernel';
import { type KubernetesObject, identityOf } from './objects.js';
import { toYaml } from './yaml.js';

/** One YAML file an object: `<kind>-<name>.yaml`, with a hash where two objects would share the name. */
export function toFiles(objects: readonly KubernetesObject[]): Record<string, string> {
  const plain = objects.map(plainName);
  return Object.fromEntries(
    objects.map((object, i): [string, string] => {
      const shared = plain.filter((name) => name === plain[i]).length > 1;
      const name = shared ? `${plain[i]}-${sha256(identityOf(object)).slice(0, 8)}` : plain[i]!;
      return [`${name}.yaml`, toYaml(object)];
    }),
  );
}

/** Names of RBAC objects may hold colons and slashes are never far: what is no plain file name becomes `_`. */
function plainName({ kind, metadata }: KubernetesObject): string {
  return `${kind}-${metadata.name}`
    .toLowerCase()
    .replace(/[^a-z0-9.-]/g, '_')
    .slice(0, 200);
}
