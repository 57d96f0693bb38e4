import { canonicalText, sha256 } from '@waybill/kernel';
import { RejectedError } from '../plan/rejected.js';

/** One configuration file: its key in the ConfigMap and the path it is mounted at. */
export interface ConfigFile {
  readonly key: string;
  readonly path: string;
  readonly text: string;
}

/** Sorted by path. Throws `UnsupportedFile` for a name that no volume can carry. */
export function configFiles(files: Readonly<Record<string, string>>): ConfigFile[] {
  return Object.keys(files)
    .sort()
    .map((path) => ({ key: keyOf(path), path: mountable(path), text: files[path]! }));
}

/** Changes when and only when the files do: on the pod template it makes pods restart with their configuration. */
export const configChecksum = (files: Readonly<Record<string, string>>): string => sha256(canonicalText(files));

/**
 * Keys of a ConfigMap are letters, digits and `-_.`, 253 at most. A path that has only these and slashes keeps its
 * looks (`/` as `__`); any other gets a hash, so that two paths never share a key.
 */
function keyOf(path: string): string {
  const key = path.replaceAll('/', '__');
  if (/^[A-Za-z0-9_-][A-Za-z0-9._-]*$/.test(key) && key.length <= 253 && !path.includes('__')) return key;
  const plain = key.replace(/[^A-Za-z0-9._-]/g, '_').replace(/^\.+/, '');
  return `${plain.slice(0, 200)}-${sha256(path).slice(0, 16)}`;
}

/** `items[].path` takes no absolute path, no `..` element and nothing that starts with `..` (KeyToPath, core/v1). */
function mountable(path: string): string {
  if (path.startsWith('/') || path.startsWith('..') || path.split('/').includes('..') || path.includes('\0')) {
    throw new RejectedError('UnsupportedFile', `The configuration file ${path} cannot be mounted`, {
      hint: 'Rename it: the path may not start with a slash or with "..".',
    });
  }
  return path;
}
