import { z } from 'zod';

const DNS_LABEL = /^[a-z]([a-z0-9]*(-[a-z0-9]+)*)?$/;

/**
 * Key of a project: a DNS-1123 label without `--`, 27 characters at most so that `<project>--<slot>` fits into 45.
 * Input is lower-cased: project `A` and project `a` are the same.
 */
export const ProjectKey = z
  .string()
  .trim()
  .toLowerCase()
  .max(27, 'at most 27 characters')
  .regex(DNS_LABEL, 'letters, digits and single hyphens, starting with a letter');

export const LocationKey = z
  .string()
  .trim()
  .toLowerCase()
  .max(40, 'at most 40 characters')
  .regex(DNS_LABEL, 'letters, digits and single hyphens, starting with a letter');

export const ResourceKind = z.enum(['kubernetes', 'istio', 'knative', 'gateway-api', 'vm', 'apig']);
export type ResourceKind = z.infer<typeof ResourceKind>;

export const ResourceKey = z
  .string()
  .trim()
  .toLowerCase()
  .max(60, 'at most 60 characters')
  .regex(DNS_LABEL, 'letters, digits and single hyphens, starting with a letter');

export const Slot = z
  .string()
  .max(43)
  .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'a DNS-1123 label without --');

export const Tier = z.enum(['dev', 'feature', 'release', 'lt', 'prod']);
export type Tier = z.infer<typeof Tier>;

/** A Git object name in hex: SHA-1 or SHA-256. */
export const CommitId = z
  .string()
  .toLowerCase()
  .regex(/^([0-9a-f]{40}|[0-9a-f]{64})$/, 'a full commit id: 40 or 64 hex digits');

export const Sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'a SHA-256 in hex');

/** What git-check-ref-format(1) refuses in a branch or tag name, and marks that turn the reading direction. */
const ODD_REF =
  /[\x00-\x20\x7f-\x9f\u202a-\u202e\u2066-\u2069~^:?*[\\]|\.\.|@\{|^\/|\/$|\/\/|^\.|\/\.|\.$|\.lock($|\/)|^@$|^-/;

export const RefName = z
  .string()
  .min(1, 'is empty')
  .max(250, 'at most 250 characters')
  .refine((name) => name.isWellFormed() && !ODD_REF.test(name), 'not a valid Git ref name (git-check-ref-format)');

export const Ref = z.strictObject({ kind: z.enum(['branch', 'tag']), name: RefName });
export type Ref = z.infer<typeof Ref>;

/** A URL or path of a Git repository. Credentials are references and never stand in it. */
export const RepositoryUrl = z
  .string()
  .min(1, 'is empty')
  .max(500, 'at most 500 characters')
  .refine((url) => !/[\x00-\x20\x7f]/.test(url) && !url.startsWith('-'), 'holds spaces or control characters')
  .refine((url) => !/^[a-z+]+:\/\/[^/@]*:[^/@]*@/i.test(url), 'holds a password: use a credential reference instead');

/** Opaque id of a person (`p-…`) or a service (`s-…`); who that is stands in the erasable people table only. */
export const PrincipalId = z.string().regex(/^[ps]-[0-9a-z]{8,40}$/, 'an opaque id such as p-1a2b3c4d');

export const Role = z.enum(['admin', 'developer', 'business', 'devops', 'analyst', 'adapter']);
export type Role = z.infer<typeof Role>;

/** An ISO 8601 instant in UTC with milliseconds. */
export const Instant = z.iso.datetime({ precision: 3 });

/** A short text a machine wrote: a server's own words. Longer ones are cut by {@link machineText}. */
export const MachineText = z.string().max(2000);

export function machineText(text: string): string {
  const well = text.toWellFormed();
  return well.length <= 2000 ? well : `${well.slice(0, 1999)}…`.toWellFormed();
}

/** Image by digest. A tag alone is not a deliverable: it can change under our feet. */
export const ImageDeliverable = z.strictObject({
  kind: z.literal('image'),
  /** `registry/path/name`, optionally with `:tag`. */
  image: z
    .string()
    .max(300)
    .regex(/^[a-z0-9]([a-z0-9._:/-]*[a-z0-9])?(:[\w][\w.-]{0,127})?$/, 'an image name such as registry.example/app'),
  digest: z.string().regex(/^sha256:[0-9a-f]{64}$/, 'sha256: and 64 hex digits'),
});

export const RpmDeliverable = z.strictObject({
  kind: z.literal('rpm'),
  package: z
    .string()
    .max(100)
    .regex(/^[A-Za-z0-9][A-Za-z0-9+._-]*$/, 'an rpm package name'),
  /** `[epoch:]version-release`. */
  version: z
    .string()
    .max(100)
    .regex(/^([0-9]+:)?[A-Za-z0-9.+~^_]+-[A-Za-z0-9.+~^_]+$/, 'version-release, such as 1.2.0-1'),
  digest: z
    .string()
    .regex(/^sha256:[0-9a-f]{64}$/, 'sha256: and 64 hex digits')
    .optional(),
});

export const Deliverable = z.discriminatedUnion('kind', [ImageDeliverable, RpmDeliverable]);
export type Deliverable = z.infer<typeof Deliverable>;

export const MAX_ATTRIBUTES = 50;

/** Free key/value pairs that a caller joins a release to: build numbers, change tickets, teams. */
export const Attributes = z
  .record(
    z.string().regex(/^[A-Za-z][A-Za-z0-9_.-]{0,62}$/, 'a name of letters, digits, _ . - (63 at most)'),
    z.string().max(500, 'at most 500 characters'),
  )
  .refine((attributes) => Object.keys(attributes).length <= MAX_ATTRIBUTES, `at most ${MAX_ATTRIBUTES} attributes`);

/** The identity of an environment: one project's slot in one location. */
export const EnvironmentId = z.strictObject({ project: ProjectKey, slot: Slot, location: LocationKey });
export type EnvironmentId = z.infer<typeof EnvironmentId>;
