import type { Command } from '@waybill/kernel';
import { z } from 'zod';
import { MigrationNumber } from '../location/migration.js';
import { ReleaseId } from '../release/events.js';
import {
  CommitId,
  Deliverable,
  EnvironmentId,
  LocationKey,
  MachineText,
  PrincipalId,
  Ref,
  Sha256,
  Tier,
} from '../vocabulary.js';
import type { DeploymentOutcome } from '../deployment/state.js';
import type { Strategy } from '../strategy.js';
import { Directive, Order } from './events.js';

const environment = { environment: EnvironmentId };

const wanted = {
  ...environment,
  order: Order,
  release: ReleaseId,
  ref: Ref,
  commit: CommitId,
  deliverable: Deliverable,
  tier: Tier,
  configDigest: CommitId,
  desired: Sha256,
};

const migration = { migration: MigrationNumber };

export const environmentInputs = {
  RequestDeployment: z.strictObject(wanted),
  /** To the copy: what runs at the location that is left is to run here. */
  CopyEnvironment: z.strictObject({
    ...wanted,
    ...migration,
    migratedFrom: EnvironmentId,
    /** Of what is copied. */
    generation: z.int().min(1),
    /** Whether the copy is what counts already. */
    counts: z.boolean(),
  }),
  /** To the one that is left, as the next three. */
  RefuseCopy: z.strictObject({
    ...environment,
    ...migration,
    to: LocationKey,
    release: ReleaseId,
    message: MachineText,
  }),
  CutOverEnvironment: z.strictObject({
    ...environment,
    ...migration,
    to: LocationKey,
    release: ReleaseId,
    generation: z.int().min(1),
  }),
  CutBackEnvironment: z.strictObject({ ...environment, ...migration, to: LocationKey }),
  RemoveMigratedEnvironment: z.strictObject({ ...environment, ...migration, release: ReleaseId }),
  /** To the copy. */
  RemoveCopy: z.strictObject({ ...environment, ...migration }),
  RemoveEnvironment: z.strictObject({
    ...environment,
    order: Order,
    cause: z.enum(['branch-deleted', 'requested']),
  }),
  ConfirmRemoval: z.strictObject({ ...environment, generation: z.int().min(1) }),
  /** For that generation and no other: a newer one that came between is not promoted by mistake. */
  DirectRollout: z.strictObject({
    ...environment,
    generation: z.int().min(1),
    directive: Directive.shape.kind,
    full: z.boolean(),
    step: Directive.shape.step,
  }),
  NoticeConfigChange: z.strictObject({
    ...environment,
    directory: z.string(),
    commit: CommitId,
    digest: CommitId,
    author: PrincipalId.nullable(),
  }),
};

type Input<Name extends keyof typeof environmentInputs> = z.output<(typeof environmentInputs)[Name]>;

/** The rollout as the handler read it. */
export interface RolloutContext {
  readonly strategy: Strategy['type'];
  readonly outcome: DeploymentOutcome | null;
  /** All traffic went back to the version that ran before. */
  readonly returned: boolean;
  /** The newest step that is recorded as shifted; 0 before the first. */
  readonly step: number;
  /** How many steps the strategy has. */
  readonly of: number;
}

interface Contexts {
  readonly DirectRollout: RolloutContext | null;
}

export type EnvironmentCommand = {
  [Name in keyof typeof environmentInputs]: Command<
    Name,
    Input<Name>,
    Name extends keyof Contexts ? Contexts[Name] : undefined
  >;
}[keyof typeof environmentInputs];
