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

/** Each environment has two, and one of them is active: the other takes a candidate up. */
export const Track = z.enum(['blue', 'green']);
export type Track = z.infer<typeof Track>;

/** What an operator says of a rollout in steps; step 0 is what comes before the first shift of traffic. */
export const rolloutFacts = {
  shifted: {
    step: z.int().min(1),
    /** The last step, which shifts to 100. */
    of: z.int().min(1),
    /** Percent of traffic for the new version. */
    weight: z.int().min(0).max(100),
    /** The track of the new version. */
    track: Track,
    /** From the decision to the object read back equal. */
    durationMs: z.number().min(0),
  },
  paused: {
    step: z.int().min(0),
    /** Null: until somebody promotes or resumes. */
    until: Instant.nullable(),
    why: z.enum(['step', 'directive', 'preview']),
  },
  resumed: { step: z.int().min(0), why: z.enum(['time', 'directive', 'analysis']) },
  analysed: {
    step: z.int().min(0),
    /** Counts from 1 within the step. */
    measurement: z.int().min(1).max(1000),
    verdict: z.enum(['passed', 'failed', 'inconclusive']),
    /** The status or the sample; null when there was none. */
    value: z.number().nullable(),
    message: MachineText,
  },
  returned: { why: z.enum(['failed', 'aborted', 'analysis']), durationMs: z.number().min(0) },
};

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
    TrafficShifted: {
      version: 1,
      doc: 'The new version takes this share of the traffic: the object that says so read back equal.',
      data: z.strictObject({ ...reported, ...rolloutFacts.shifted }),
    },
    RolloutPaused: {
      version: 1,
      doc: 'The rollout stays as it is for a time, or until somebody promotes or resumes it.',
      data: z.strictObject({ ...reported, ...rolloutFacts.paused }),
    },
    RolloutResumed: {
      version: 1,
      doc: 'The rollout goes on.',
      data: z.strictObject({ ...reported, ...rolloutFacts.resumed }),
    },
    AnalysisMeasured: {
      version: 1,
      doc: 'The check of a step was made once.',
      data: z.strictObject({ ...reported, ...rolloutFacts.analysed }),
    },
    ReturnedToStable: {
      version: 1,
      doc: 'All traffic goes to the version that ran before, which never left; the new one is taken away.',
      data: z.strictObject({ ...reported, ...rolloutFacts.returned }),
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
