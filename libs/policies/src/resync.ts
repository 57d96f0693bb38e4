import type { Channel, DesiredRecord, ResyncReport } from '@waybill/channel';
import {
  type Correction,
  type DeploymentState,
  type EnvironmentId,
  type Observation,
  MAX_CORRECTIONS_NAMED,
  environmentName,
} from '@waybill/domain';
import { type Actor, derivedId, isWaybillError, sha256 } from '@waybill/kernel';
import { desiredRecordOf } from './desired-record.js';
import type { PolicyDependencies } from './policy.js';
import { generationEvent, readDeployment } from './read.js';

type Standing = NonNullable<ResyncReport['environments']>[number];

/** An environment as the ledger holds it: its newest generation, and whether its removal was confirmed. */
export interface HeldEnvironment {
  readonly environment: EnvironmentId;
  readonly generation: number;
  readonly removed: boolean;
}

/** Something at a location that the ledger cannot explain. */
export interface ResyncFault {
  readonly environment: string;
  readonly kind: 'unknown' | 'ahead' | 'other-digest';
  /** One sentence. */
  readonly message: string;
}

export interface ResyncDependencies extends PolicyDependencies {
  readonly channel: {
    /** `again`: also what is retained already in this generation. */
    publish(record: DesiredRecord, options: { readonly again: true }): Promise<void>;
    /** What the channel has lost, which a second operator would not find. */
    lacking: Channel['lacking'];
  };
  readonly contents: { get(digest: string): Promise<string> };
  /** Every environment of a location, removed ones too. */
  readonly heldAt: (location: string) => Promise<readonly HeldEnvironment[]>;
  /** For the log and a metric: nothing is changed. */
  readonly onFault: (location: string, fault: ResyncFault) => void;
}

const NAME = 'answer-resync';

/**
 * Compares what an operator says stands at its location with the newest generations of the ledger. What the operator
 * lacks is published again; an outcome that the ledger lacks is taken over from the list. What only the operator knows,
 * or holds otherwise, is a fault for people: the ledger is right, and an operator that changed by itself is not told to
 * change once more.
 */
export function answerResync(dependencies: ResyncDependencies): (report: ResyncReport) => Promise<void> {
  const { heldAt, onFault, send, now } = dependencies;
  /** The list that each location told last in full; a digest alone refers to it. */
  const told = new Map<string, { readonly digest: string; readonly environments: readonly Standing[] }>();

  function listOf({ location, digest, environments }: ResyncReport): readonly Standing[] | undefined {
    if (environments !== null) {
      told.set(location, { digest, environments });
      return environments;
    }
    const known = told.get(location);
    return known?.digest === digest ? known.environments : undefined;
  }

  /** Operators that know everything ask for nothing: that the topic was emptied or made anew is seen by looking. */
  async function lostAt(location: string, sent: ReadonlySet<string>): Promise<readonly HeldEnvironment[]> {
    const held = (await heldAt(location)).filter(
      ({ environment, removed }) => !removed && !sent.has(environmentName(environment)),
    );
    if (held.length === 0) return [];
    const lacking = await dependencies.channel.lacking(location, held).catch(unlessRefused([]));
    const names = new Set(lacking.map(({ environment }) => environmentName(environment)));
    return held.filter(({ environment }) => names.has(environmentName(environment)));
  }

  async function correct(report: ResyncReport, held: HeldEnvironment, standing: Standing | undefined) {
    if (!standing || standing.generation < held.generation) {
      // It was there and is gone: an operator that knows nothing of it is right.
      if (held.removed) return undefined;
      return (await publishAgain(dependencies, held)) ? ('published' as const) : undefined;
    }
    const name = environmentName(held.environment);
    if (standing.generation > held.generation) {
      const message = `the operator has generation ${standing.generation} of ${name}, the ledger ${held.generation}`;
      onFault(report.location, { environment: name, kind: 'ahead', message });
      return undefined;
    }
    const asked = await generationEvent(dependencies, held.environment, held.generation);
    if (!asked) return undefined;
    const digest = asked.event.type === 'DeploymentRequested' ? asked.event.data.desired : null;
    if (digest !== standing.digest) {
      const message = `the operator has another content under generation ${held.generation} of ${name} than the ledger`;
      onFault(report.location, { environment: name, kind: 'other-digest', message });
      return undefined;
    }
    return (await takeOver(report, held, standing, asked)) ? ('recorded' as const) : undefined;
  }

  async function takeOver(
    { location, epoch }: ResyncReport,
    { environment, generation }: HeldEnvironment,
    { phase }: Standing,
    asked: NonNullable<Awaited<ReturnType<typeof generationEvent>>>,
  ): Promise<boolean> {
    const observation = outcomeOf(phase);
    if (!observation) return false;
    const state = await readDeployment(dependencies, environment, generation);
    if (isKnown(state, observation)) return false;
    const { recorded, event } = asked;
    const actor: Actor = { kind: 'operator', id: location, roles: ['adapter'] };
    const release = event.type === 'DeploymentRequested' ? event.data.release : null;
    // That it was taken on is what concludes the generations before it: its report is lost as well, then.
    const lost: Observation[] = state.accepted ? [observation] : [{ phase: 'accepted' }, observation];
    const first = seqAfter(state, epoch);
    const { events } = await send(
      lost.map((observation, index) => {
        const seq = first + index;
        const { correlationId, id: causationId } = recorded;
        return {
          type: 'RecordReport',
          data: { environment, generation, release, epoch, seq, observation },
          metadata: {
            commandId: derivedId('resync', environmentName(environment), `${generation}`, `${epoch}`, `${seq}`, phase),
            actor,
            now: now(),
            correlationId,
            causationId,
          },
        };
      }),
    );
    return events.length > 0;
  }

  async function record(report: ResyncReport, told: number, corrections: readonly Correction[]): Promise<void> {
    if (corrections.length === 0) return;
    const { location, epoch, digest } = report;
    const commandId = derivedId(NAME, location, String(epoch), digest, sha256(JSON.stringify(corrections)));
    await send({
      type: 'RecordLocationResynced',
      data: {
        location,
        epoch,
        digest,
        environments: told,
        corrected: corrections.slice(0, MAX_CORRECTIONS_NAMED),
        further: Math.max(0, corrections.length - MAX_CORRECTIONS_NAMED),
      },
      metadata: {
        commandId,
        actor: { kind: 'policy', id: NAME, roles: [] },
        now: now(),
        correlationId: commandId,
        causationId: commandId,
      },
    });
  }

  return async (report) => {
    const list = listOf(report);
    // Told in full before this process started: the next list, or the next connection, is compared.
    if (!list) return;
    const standing = new Map(list.map((it) => [environmentName(it.environment), it]));
    const corrections: Correction[] = [];
    const sent = new Set<string>();
    for (const held of await heldAt(report.location)) {
      const name = environmentName(held.environment);
      const by = await correct(report, held, standing.get(name));
      standing.delete(name);
      if (by) corrections.push({ environment: held.environment, generation: held.generation, by });
      if (by === 'published') sent.add(name);
    }
    for (const lost of await lostAt(report.location, sent)) {
      if (!(await publishAgain(dependencies, lost))) continue;
      const { environment, generation } = lost;
      if (!corrections.some((one) => environmentName(one.environment) === environmentName(environment))) {
        corrections.push({ environment, generation, by: 'published' });
      }
    }
    for (const [environment, { generation, phase }] of standing) {
      if (phase === 'removed') continue;
      const message = `the operator has generation ${generation} of ${environment}, which this ledger never asked for`;
      onFault(report.location, { environment, kind: 'unknown', message });
    }
    await record(report, list.length, corrections);
  };
}

async function publishAgain(
  dependencies: ResyncDependencies,
  { environment, generation }: HeldEnvironment,
): Promise<boolean> {
  const asked = await generationEvent(dependencies, environment, generation);
  if (!asked) return false;
  const record = await desiredRecordOf(asked.event, asked.recorded, dependencies.contents, asked.directive);
  return dependencies.channel.publish(record, { again: true }).then(() => true, unlessRefused(false));
}

/** A topic that is refused is told where it is dispatched: reports, those of other locations too, are recorded all the same. */
function unlessRefused<T>(instead: T): (error: unknown) => T {
  return (error) => {
    if (isWaybillError(error, 'CONFIGURATION')) return instead;
    throw error;
  };
}

const LOST_WORDS = { reason: 'Resync', message: 'the operator told how it ended on resync; its words were lost' };

/** What the last phase of a generation says about how it ended; undefined while that is open. */
function outcomeOf(phase: Standing['phase']): Observation | undefined {
  switch (phase) {
    case 'healthy':
      return { phase };
    case 'failed':
    case 'rejected':
      return { phase, ...LOST_WORDS };
    case 'removed':
      return { phase, commit: null };
    default:
      return undefined;
  }
}

const isKnown = (state: DeploymentState, { phase }: Observation): boolean =>
  state.removed || (phase !== 'removed' && state.settled);

/**
 * Reports are told in order, so what was lost came after the last one recorded, and what comes later has a higher
 * number than what was lost.
 */
function seqAfter({ last }: DeploymentState, epoch: number): number {
  return last !== null && last.epoch === epoch ? last.seq + 1 : 0;
}
