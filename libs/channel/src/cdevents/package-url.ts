import type { Deliverable } from '@waybill/domain';

/**
 * The package URL of a deliverable: `pkg:oci/<name>@<digest>` with the full name of the repository as a qualifier, or
 * `pkg:rpm/<name>@<version>` (package-url/purl-spec, types oci and rpm; qualifiers in the order of their names).
 */
export function packageUrl(deliverable: Deliverable): string {
  if (deliverable.kind === 'rpm') {
    const [, epoch, version] = /^(?:(\d+):)?(.*)$/s.exec(deliverable.version)!;
    return purl('rpm', deliverable.package, version!, { checksum: deliverable.digest, epoch });
  }
  const { repository, tag } = split(deliverable.image);
  const name = repository.slice(repository.lastIndexOf('/') + 1);
  return purl('oci', name, deliverable.digest, { repository_url: repository, tag });
}

/** A colon behind the last slash begins a tag; one before it, a port. */
function split(image: string): { readonly repository: string; readonly tag: string | undefined } {
  const colon = image.indexOf(':', image.lastIndexOf('/') + 1);
  return colon === -1
    ? { repository: image, tag: undefined }
    : { repository: image.slice(0, colon), tag: image.slice(colon + 1) };
}

function purl(
  type: string,
  name: string,
  version: string,
  qualifiers: Readonly<Record<string, string | undefined>>,
): string {
  const given = Object.entries(qualifiers).flatMap(([key, value]) =>
    value === undefined ? [] : `${key}=${encodeURIComponent(value).replaceAll('%2F', '/')}`,
  );
  const query = given.length === 0 ? '' : `?${given.join('&')}`;
  return `pkg:${type}/${encodeURIComponent(name)}@${encodeURIComponent(version)}${query}`;
}
