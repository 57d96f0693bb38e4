import {
  type Actor,
  type Command,
  type CommandDependencies,
  type CommandMetadata,
  type Position,
  type RecordedEvent,
  derivedId,
} from '@waybill/kernel';
import type { DeploymentCommand, EnvironmentCommand, LocationCommand, ReleaseCommand } from '@waybill/domain';

type WithoutContext<C> =
  C extends Command<infer Type, infer Data, unknown>
    ? { readonly type: Type; readonly data: Data; readonly metadata: CommandMetadata }
    : never;

/** A command as a policy sends it: the handler that takes it looks up the context. */
export type OutgoingCommand = WithoutContext<ReleaseCommand | EnvironmentCommand | LocationCommand>;

/** What operators said of one deployment, in order. */
export type OutgoingReports = readonly WithoutContext<DeploymentCommand>[];

/**
 * Hands a command to its handler, or reports that are recorded in one append; resolves with what was written (nothing
 * when there was nothing to do).
 */
export type Send = (
  command: OutgoingCommand | OutgoingReports,
) => Promise<{ readonly events: readonly RecordedEvent[] }>;

/** What every policy has at hand. */
export interface PolicyDependencies extends CommandDependencies {
  readonly send: Send;
  readonly now: () => string;
}

/**
 * Reacts to events with commands. Called for one event at a time, in log order, at least once: what it sends carries
 * ids derived from the event, so a repeated call repeats nothing.
 */
export interface Policy {
  /** Durable: names the checkpoint. Never changes once deployed. */
  readonly name: string;
  readonly handles: ReadonlySet<string>;
  react(event: RecordedEvent): Promise<void>;
  /**
   * The line that an event stands in: order is kept within it, and one that fails holds up its own line only. Without it
   * everything stands in one.
   */
  line?(event: RecordedEvent): string;
  /** Of a policy with lines: the first of these has failed once more, and the others wait behind it. */
  heldUp?(events: readonly RecordedEvent[], error: unknown): Promise<void>;
}

/** Where each policy has read to. Losing it costs redelivery only. */
export interface Checkpoints {
  load(name: string): Promise<Position | undefined>;
  save(name: string, position: Position): Promise<void>;
}

/** Metadata of a command that `event` led to: the same event, policy and target always give the same command id. */
export function causedBy(
  event: RecordedEvent,
  policy: string,
  target: string,
  now: string,
  actor: Actor = { kind: 'policy', id: policy, roles: [] },
): CommandMetadata {
  return {
    commandId: derivedId('policy', event.id, policy, target),
    actor,
    now,
    correlationId: event.correlationId,
    causationId: event.id,
  };
}
