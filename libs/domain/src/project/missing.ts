import type { Section } from './metadata.js';

/** Something a project must still be told before a rule can deploy it. */
export interface MissingMetadata {
  readonly section: Section;
  /** Dotted path within the section. */
  readonly field: string;
  /** Names of the rules that need it. */
  readonly rules: readonly string[];
  /** Why it is needed, in words. The role that must give it is the section's. */
  readonly why: string;
}
