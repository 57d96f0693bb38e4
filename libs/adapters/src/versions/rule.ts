import type { JsonObject } from '@waybill/kernel';
import { RejectedError } from '../plan/rejected.js';

/** How an object of one version is written in another. */
export interface VersionRule {
  readonly kinds: readonly string[];
  /** `group/version`, as in `apiVersion`. */
  readonly from: string;
  readonly to: string;
  /**
   * What is to be changed but `apiVersion`, in sentences: the fields that are named otherwise, and the defaults that
   * differ, which are written out so that the object means the same.
   */
  readonly changes: string;
  /** Where the rule is taken from. */
  readonly source: string;
  /** The object's content in the new version; `apiVersion` is set by whoever calls. Throws {@link untranslatable}. */
  readonly translate: (object: JsonObject) => JsonObject;
}

/** Versions whose content is the same: only `apiVersion` is written anew, in any direction. */
export interface SameContent {
  readonly kinds: readonly string[];
  /** Newest first. */
  readonly versions: readonly string[];
  readonly source: string;
}

/** A kind that went and has no successor. */
export interface GoneKind {
  readonly kind: string;
  readonly versions: readonly string[];
  readonly instead: string;
  readonly source: string;
}

/** The rule exists, and this object has something that the other version cannot say. */
export class Untranslatable extends Error {}

export const untranslatable = (words: string): Untranslatable => new Untranslatable(words);

/** Rejects an object for good: where it stands, both versions, and what is served. */
export function noTranslation(
  what: string,
  from: string,
  served: readonly string[],
  why: string,
  hint = 'Write the manifest in a version that the location serves, or take it out of manifests/.',
): RejectedError {
  const there = served.length === 0 ? 'serves no version of it' : `serves ${served.join(', ')}`;
  return new RejectedError('NoTranslation', `${what} is written in ${from}, the location ${there}: ${why}`, { hint });
}

/** Kubernetes' own list of what a release no longer serves, as a link for docs/versions.md. */
export const guide = (release: `v1.${number}`): string =>
  `[deprecation guide, ${release}](https://kubernetes.io/docs/reference/using-api/deprecation-guide/#${release.replace('.', '-')})`;
