import type { Command } from '@waybill/kernel';
import { z } from 'zod';
import { ReleaseId } from '../release/events.js';
import { CommitId, Deliverable, EnvironmentId, PrincipalId, Ref, Sha256, Tier } from '../vocabulary.js';
import { Order } from './events.js';

const environment = { environment: EnvironmentId };

export const environmentInputs = {
  RequestDeployment: z.strictObject({
    ...environment,
    order: Order,
    release: ReleaseId,
    ref: Ref,
    commit: CommitId,
    deliverable: Deliverable,
    tier: Tier,
    configDigest: CommitId,
    desired: Sha256,
  }),
  RemoveEnvironment: z.strictObject({
    ...environment,
    order: Order,
    cause: z.enum(['branch-deleted', 'requested']),
  }),
  ConfirmRemoval: z.strictObject({ ...environment, generation: z.int().min(1) }),
  NoticeConfigChange: z.strictObject({
    ...environment,
    directory: z.string(),
    commit: CommitId,
    digest: CommitId,
    author: PrincipalId.nullable(),
  }),
};

type Input<Name extends keyof typeof environmentInputs> = z.output<(typeof environmentInputs)[Name]>;

export type EnvironmentCommand = {
  [Name in keyof typeof environmentInputs]: Command<Name, Input<Name>, undefined>;
}[keyof typeof environmentInputs];
