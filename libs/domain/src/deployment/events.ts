import { defineStream, type EventsOf } from '@waybill/kernel';
import { z } from 'zod';
import { ReleaseId } from '../release/events.js';
import { CommitId, EnvironmentId, Instant, MachineText, Sha256 } from '../vocabulary.js';

/** What every report of an operator carries. (epoch, seq) orders the reports of one generation. */
const reported = {
  environment: EnvironmentId,
  generation: z.int().min(1),
  /** Null for a removal, which belongs to no release. */
  release: ReleaseId.nullable(),
  epoch: z.int().min(0),
  seq: z.int().min(0),
};

/** One object of an inventory, as it was applied. */
export const ObjectReference = z.strictObject({
  group: z.string(),
  version: z.string(),
  kind: z.string(),
  namespace: z.string().nullable(),
  name: z.string(),
});
export type ObjectReference = z.infer<typeof ObjectReference>;

export const deploymentStream = defineStream(
  'deployment',
  'One generation of one environment: every adapter action, drift and the outcome.',
  {
    DeploymentAccepted: {
      version: 1,
      doc: 'The operator stored the desired state durably.',
      data: z.strictObject(reported),
    },
    ManifestsAdapted: {
      version: 1,
      doc: 'The desired state was adapted to what the location serves.',
      data: z.strictObject({ ...reported, objects: z.array(ObjectReference).max(2000), inventoryHash: Sha256 }),
    },
    ManifestsApplied: {
      version: 1,
      doc: 'The adapted objects were applied.',
      data: z.strictObject({
        ...reported,
        inventoryHash: Sha256,
        /** Commit of the location’s repository, for `git` delivery. */
        commit: CommitId.nullable(),
        durationMs: z.number().min(0),
      }),
    },
    DeploymentDelivered: {
      version: 1,
      doc: 'The planned state stands in the location’s repository; whether it runs is for others to see.',
      data: z.strictObject({ ...reported, commit: CommitId }),
    },
    DeploymentRolledOut: {
      version: 1,
      doc: 'The applied objects run in their new form; what the deployment no longer needs still stands.',
      data: z.strictObject({
        ...reported,
        /** From applied to rolled out. */
        durationMs: z.number().min(0),
      }),
    },
    ObjectsPruned: {
      version: 1,
      doc: 'Objects that an earlier generation applied and this one does not need were removed.',
      data: z.strictObject({
        ...reported,
        objects: z.array(ObjectReference).min(1).max(2000),
        durationMs: z.number().min(0),
      }),
    },
    DeploymentHealthy: {
      version: 1,
      doc: 'The operator saw everything rolled out and healthy.',
      data: z.strictObject(reported),
    },
    DeploymentDelayed: {
      version: 1,
      doc: 'A fault that may pass: the operator tries again.',
      data: z.strictObject({ ...reported, attempt: z.int().min(1), reason: z.string().max(100), message: MachineText }),
    },
    DeploymentFailed: {
      version: 1,
      doc: 'The deployment failed, in the words of the server.',
      data: z.strictObject({ ...reported, reason: z.string().max(100), message: MachineText }),
    },
    DeploymentRejected: {
      version: 1,
      doc: 'The operator cannot do what is asked: nothing was changed.',
      data: z.strictObject({ ...reported, reason: z.string().max(100), message: MachineText }),
    },
    DriftDetected: {
      version: 1,
      doc: 'What stands there differs from what was applied.',
      data: z.strictObject({
        ...reported,
        paths: z.array(z.string().max(500)).min(1).max(200),
        commit: CommitId.nullable(),
        noticedAt: Instant,
      }),
    },
    DriftHealed: {
      version: 1,
      doc: 'What stands there is again what was applied.',
      data: z.strictObject({ ...reported, commit: CommitId.nullable() }),
    },
    DeploymentRemoved: {
      version: 1,
      doc: 'Everything of the environment was removed.',
      data: z.strictObject({ ...reported, commit: CommitId.nullable() }),
    },
  },
);
export type DeploymentEvent = EventsOf<typeof deploymentStream.events>;
