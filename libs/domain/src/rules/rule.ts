import { z } from 'zod';
import { DefinedStrategy, Strategy } from '../strategy.js';
import { LocationKey, ResourceKey, Tier } from '../vocabulary.js';

/** One branch rule as it is stored: complete, no defaults left open. */
export const BranchRule = z.strictObject({
  /** Unique within the project. */
  name: z
    .string()
    .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'lower-case letters, digits and hyphens')
    .max(40),
  /** Which refs it looks at. */
  kind: z.enum(['branch', 'tag']),
  /** RE2 syntax, found anywhere in the name unless anchored; null matches every ref of the kind. */
  pattern: z.string().min(1).max(1000).nullable(),
  resources: z.array(ResourceKey).min(1, 'name at least one resource').max(50),
  tier: Tier,
  /** Directory in the config repository when the ref has none of its own. */
  directory: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, 'a directory name')
    .max(100),
  strategy: Strategy,
  /** Distinct approvers needed before anything is deployed. */
  approvals: z.int().min(0).max(10),
  /** Locations in the order in which they are deployed; a location not named belongs to the last stage. */
  stages: z.array(z.array(LocationKey).min(1)).max(20),
  /** What a commit that touches only the configuration does. */
  onConfigChange: z.enum(['nothing', 'redeploy']),
  /** What a failed deployment does. */
  onFailure: z.enum(['nothing', 'rollback']),
});
export type BranchRule = z.infer<typeof BranchRule>;

/** A rule as people write it: `branch: <pattern>`, `tag: true` or `tag: <pattern>`, and only what differs from the defaults. */
export const BranchRuleInput = z
  .strictObject({
    name: BranchRule.shape.name,
    branch: z.string().min(1).max(1000).optional(),
    tag: z.union([z.literal(true), z.string().min(1).max(1000)]).optional(),
    resources: BranchRule.shape.resources,
    tier: Tier,
    directory: BranchRule.shape.directory.optional(),
    strategy: DefinedStrategy.default({ type: 'rolling' }),
    approvals: BranchRule.shape.approvals.default(0),
    stages: BranchRule.shape.stages.default([]),
    onConfigChange: BranchRule.shape.onConfigChange.default('nothing'),
    onFailure: BranchRule.shape.onFailure.default('nothing'),
  })
  .refine((rule) => (rule.branch === undefined) !== (rule.tag === undefined), {
    message: 'give either branch or tag',
    path: ['branch'],
  });
export type BranchRuleInput = z.input<typeof BranchRuleInput>;
