import type { Command } from '@waybill/kernel';
import { z } from 'zod';
import { ReleaseId } from '../release/events.js';
import { CommitId, EnvironmentId, Instant, MachineText, Sha256 } from '../vocabulary.js';
import { ObjectReference, rolloutFacts } from './events.js';

/** What an operator says happened. The published schema of reports is made from this. */
export const Observation = z.discriminatedUnion('phase', [
  z.strictObject({ phase: z.literal('accepted') }),
  z.strictObject({ phase: z.literal('adapted'), objects: z.array(ObjectReference).max(2000), inventoryHash: Sha256 }),
  z.strictObject({
    phase: z.literal('applied'),
    inventoryHash: Sha256,
    commit: CommitId.nullable(),
    durationMs: z.number().min(0),
  }),
  z.strictObject({ phase: z.literal('delivered'), commit: CommitId }),
  z.strictObject({ phase: z.literal('rolled-out'), durationMs: z.number().min(0) }),
  z.strictObject({ phase: z.literal('traffic-shifted'), ...rolloutFacts.shifted }),
  z.strictObject({ phase: z.literal('rollout-paused'), ...rolloutFacts.paused }),
  z.strictObject({ phase: z.literal('rollout-resumed'), ...rolloutFacts.resumed }),
  z.strictObject({ phase: z.literal('analysed'), ...rolloutFacts.analysed }),
  z.strictObject({ phase: z.literal('returned-to-stable'), ...rolloutFacts.returned }),
  z.strictObject({
    phase: z.literal('pruned'),
    objects: z.array(ObjectReference).min(1).max(2000),
    durationMs: z.number().min(0),
  }),
  z.strictObject({ phase: z.literal('healthy') }),
  z.strictObject({
    phase: z.literal('delayed'),
    attempt: z.int().min(1),
    reason: z.string().max(100),
    message: MachineText,
  }),
  z.strictObject({ phase: z.literal('failed'), reason: z.string().max(100), message: MachineText }),
  z.strictObject({ phase: z.literal('rejected'), reason: z.string().max(100), message: MachineText }),
  z.strictObject({
    phase: z.literal('drifted'),
    paths: z.array(z.string().max(500)).min(1).max(200),
    commit: CommitId.nullable(),
    noticedAt: Instant,
  }),
  z.strictObject({ phase: z.literal('healed'), commit: CommitId.nullable() }),
  z.strictObject({ phase: z.literal('removed'), commit: CommitId.nullable() }),
]);
export type Observation = z.infer<typeof Observation>;

export const deploymentInputs = {
  RecordReport: z.strictObject({
    environment: EnvironmentId,
    generation: z.int().min(1),
    release: ReleaseId.nullable(),
    epoch: z.int().min(0),
    seq: z.int().min(0),
    observation: Observation,
  }),
};

export type DeploymentCommand = Command<'RecordReport', z.output<typeof deploymentInputs.RecordReport>, undefined>;
