import { usageError } from '../exit.js';

export type Deliverable =
  | { readonly kind: 'image'; readonly image: string; readonly digest: string }
  | { readonly kind: 'rpm'; readonly package: string; readonly version: string; readonly digest?: string };

/** `registry/name[:tag]@sha256:…`. The ledger checks the digest; here only that there is one. */
export function parseImage(text: string): Deliverable {
  const at = text.lastIndexOf('@');
  if (at < 1) {
    throw usageError(
      `--image ${text} names no digest`,
      'a tag can change under our feet: give <name>@sha256:…, as `docker push` prints it',
    );
  }
  return { kind: 'image', image: text.slice(0, at), digest: text.slice(at + 1) };
}

/** `name-version-release[@sha256:…]`, as `rpm -q` prints it: the last two hyphens part name, version and release. */
export function parseRpm(text: string): Deliverable {
  const [name = '', digest] = text.split('@', 2);
  const match = /^(.+)-([^-]+-[^-]+)$/.exec(name);
  if (!match) throw usageError(`--rpm ${text} is not <name>-<version>-<release>`, 'such as shop-1.2.0-1');
  return { kind: 'rpm', package: match[1] ?? '', version: match[2] ?? '', ...(digest === undefined ? {} : { digest }) };
}
