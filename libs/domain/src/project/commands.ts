import type { Command } from '@waybill/kernel';
import { z } from 'zod';
import type { OtherDomain } from '../rules/preview-hosts.js';
import type { Delivery } from '../location/events.js';
import type { ResourceKind } from '../vocabulary.js';
import { ProjectKey, RefName } from '../vocabulary.js';
import { BranchRule } from '../rules/rule.js';
import { BusinessMetadata, DeveloperMetadata, DevopsMetadata } from './metadata.js';

/** What a caller may give; the deciders' input is always parsed with these. */
export const projectInputs = {
  RegisterProject: z.strictObject({ project: ProjectKey, name: z.string().trim().min(1).max(100) }),
  SubmitDeveloperMetadata: z.strictObject({ project: ProjectKey, metadata: DeveloperMetadata }),
  SubmitBusinessMetadata: z.strictObject({ project: ProjectKey, metadata: BusinessMetadata }),
  SubmitDevopsMetadata: z.strictObject({ project: ProjectKey, metadata: DevopsMetadata }),
  DefineBranchRules: z.strictObject({
    project: ProjectKey,
    preset: z.enum(['gitflow', 'trunk']).nullable(),
    rules: z.array(BranchRule).min(1, 'give at least one rule').max(20_000),
  }),
  DeleteBranch: z.strictObject({ project: ProjectKey, branch: RefName }),
};

/** A resource that rules may name. */
export interface KnownResource {
  readonly resource: string;
  readonly kind: ResourceKind;
  readonly location: string;
  /** How its location is reached. */
  readonly delivery: Delivery['kind'];
  /** Where it is now, when its location was migrated; `kind`, `location` and `delivery` above are those of today. */
  readonly moved?: {
    /** The resource that stands for it. */
    readonly resource: string;
    /** Locations that it was at, the first one first. */
    readonly from: readonly string[];
  };
}

export interface RulesContext {
  readonly resources: readonly KnownResource[];
  /** Domains of the other projects: none of them may become a preview host. */
  readonly elsewhere?: readonly OtherDomain[];
}

type Input<Name extends keyof typeof projectInputs> = z.output<(typeof projectInputs)[Name]>;

export type ProjectCommand =
  | Command<'RegisterProject', Input<'RegisterProject'>, undefined>
  | Command<'SubmitDeveloperMetadata', Input<'SubmitDeveloperMetadata'>, undefined>
  | Command<'SubmitBusinessMetadata', Input<'SubmitBusinessMetadata'>, undefined>
  | Command<'SubmitDevopsMetadata', Input<'SubmitDevopsMetadata'>, undefined>
  | Command<'DefineBranchRules', Input<'DefineBranchRules'>, RulesContext>
  | Command<'DeleteBranch', Input<'DeleteBranch'>, undefined>;
