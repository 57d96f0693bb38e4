import {
  type EnvironmentEvent,
  type EnvironmentId,
  type LocationEvent,
  environmentName,
  locationStreamOf,
  machineText,
} from '@waybill/domain';
import { type CommandMetadata, type RecordedEvent, derivedId, isWaybillError } from '@waybill/kernel';
import {
  type DeployDependencies,
  type Deploying,
  FINAL,
  deployingWith,
  desiredText,
  requestDeployment,
} from '../deploy.js';
import { type OutgoingCommand, type Policy, type PolicyDependencies, causedBy } from '../policy.js';
import { readRelease } from '../read.js';
import { readLocation } from '../resources-at.js';
import { type Looked, lookAt } from './look.js';
import { type MigrationStep, nextStep } from './next-step.js';
import { redirect } from './redirect.js';

/** A location that was or is being migrated. */
export interface KnownMigration {
  readonly location: string;
  readonly to: string;
}

export interface MigrateDependencies extends DeployDependencies {
  /** The newest migration of every location that ever had one, as of `position` or later. */
  readonly migrations: (position?: string) => Promise<readonly KnownMigration[]>;
  /** Every environment of a location, as of `position` or later. */
  readonly environmentsAt: (
    location: string,
    position?: string,
  ) => Promise<readonly { readonly environment: EnvironmentId; readonly removed: boolean }[]>;
}

export interface MigrateLocations extends Policy {
  /** Looks at every migration whose old environments go after a set time; to be called about once a second. */
  due(): Promise<void>;
}

const NAME = 'migrate-locations';

/** Environments that are looked at at once: their appends share a sync of the log. */
const AT_ONCE = 16;

/** A copy, its cut-over and its removal are three; more in a row means that something goes round in circles. */
const MOST_STEPS = 8;

/** Somebody else was faster, or what was found is no longer so: it is looked at again. */
const OVERTAKEN = new Set(['INVALID_STATE', 'NOT_FOUND', 'ALREADY_EXISTS', 'COMMAND_ID_CONFLICT']);

const OF_LOCATION = new Set(['MigrationStarted', 'MigrationResumed', 'MigrationReverted', 'MigrationRemovalRequested']);

/**
 * Brings every environment of a location to another one. Level-based: each look reads the streams of the environment
 * that is left and of its copy, and does what {@link nextStep} says until there is nothing to do. Command ids follow
 * from the migration, the environment and the generation, so that whoever is killed half-way repeats nothing.
 */
export function migrateLocations(dependencies: MigrateDependencies): MigrateLocations {
  const deploying = deployingWith(dependencies);
  const { catalogue, store } = dependencies;
  /** Location that is left → where it goes. */
  let known: Map<string, string> | undefined;

  async function targets(position?: string): Promise<Map<string, string>> {
    known ??= new Map((await dependencies.migrations(position)).map(({ location, to }) => [location, to]));
    return known;
  }

  async function drive(cause: RecordedEvent, old: EnvironmentId, again = false): Promise<void> {
    let retry = again;
    for (let step = 0; step < MOST_STEPS; step++) {
      const { migration } = await readLocation(dependencies, old.location);
      if (!migration) return;
      const looked = await lookAt(dependencies, old, migration);
      await redirectCurrent(dependencies, cause, looked);
      const next = nextStep({ ...looked, again: retry });
      if (!next) return;
      retry = false;
      if (!(await take(deploying, cause, looked, next))) return;
    }
  }

  async function driveAll(cause: RecordedEvent, location: string, position: string | undefined, again: boolean) {
    const { migration } = await readLocation(dependencies, location);
    if (!migration) return;
    const [left, there] = await Promise.all([
      dependencies.environmentsAt(location, position),
      dependencies.environmentsAt(migration.to, position),
    ]);
    const olds = new Map<string, EnvironmentId>();
    for (const { environment, removed } of [...left, ...there]) {
      const old = { ...environment, location };
      if (!removed) olds.set(environmentName(old), old);
    }
    const waiting = [...olds.values()];
    const work = async (): Promise<void> => {
      for (let old = waiting.shift(); old; old = waiting.shift()) await drive(cause, old, again);
    };
    const worked = await Promise.allSettled(Array.from({ length: AT_ONCE }, work));
    for (const it of worked) if (it.status === 'rejected') throw it.reason;
    await completeIfDone(cause, location, position);
  }

  async function completeIfDone(cause: RecordedEvent, location: string, position: string | undefined): Promise<void> {
    const { migration } = await readLocation(dependencies, location);
    if (migration?.phase !== 'running') return;
    const left = await dependencies.environmentsAt(location, position);
    if (left.some(({ removed }) => !removed)) return;
    await attempt(dependencies, {
      type: 'CompleteMigration',
      data: { location, migration: migration.number, environments: left.length },
      metadata: causedBy(cause, NAME, `complete ${location} ${migration.number}`, dependencies.now()),
    });
  }

  async function forward(
    recorded: RecordedEvent,
    { environment, release, to }: Extract<EnvironmentEvent, { type: 'DeploymentForwarded' }>['data'],
  ): Promise<void> {
    const there = { ...environment, location: to };
    await redirect(dependencies, recorded, release, { from: environment.location, there });
    const read = await readRelease(dependencies, release);
    if (!read) return;
    const metadata = causedBy(recorded, NAME, `forward ${release} ${to}`, dependencies.now());
    await requestDeployment(deploying, release, read, to, metadata);
  }

  async function onEnvironment(recorded: RecordedEvent): Promise<void> {
    const event = catalogue.upcast<EnvironmentEvent>(recorded);
    const { environment } = event.data;
    const leaving = await targets(recorded.position);
    if (event.type === 'DeploymentForwarded') return forward(recorded, event.data);
    if (leaving.has(environment.location)) {
      await drive(recorded, environment);
      if (event.type === 'EnvironmentRemoved') {
        await completeIfDone(recorded, environment.location, recorded.position);
      }
    }
    // What a migration itself asks for at the other location leads to nothing there before it is reported.
    if (event.type === 'DeploymentRequested') return;
    for (const [location, to] of leaving) {
      if (to === environment.location) await drive(recorded, { ...environment, location });
    }
  }

  return {
    name: NAME,
    handles: new Set([
      ...OF_LOCATION,
      'DeploymentRequested',
      'DeploymentForwarded',
      'EnvironmentCutOver',
      'EnvironmentRemovalRequested',
      'EnvironmentRemoved',
      'DeploymentDelivered',
      'DeploymentHealthy',
    ]),
    async react(recorded) {
      if (!OF_LOCATION.has(recorded.type)) return onEnvironment(recorded);
      const event = catalogue.upcast<LocationEvent>(recorded);
      const { location } = event.data;
      const leaving = await targets(recorded.position);
      if (event.type === 'MigrationStarted') leaving.set(location, event.data.to);
      await driveAll(recorded, location, recorded.position, true);
    },
    async due() {
      for (const { location } of await dependencies.migrations()) {
        const { migration } = await readLocation(dependencies, location);
        if (migration?.phase !== 'running' || migration.removal.when !== 'after') continue;
        const events = await store.readStream(locationStreamOf(location), { direction: 'backwards' });
        const started = events.find(({ type }) => type === 'MigrationStarted');
        if (started) await driveAll(started, location, undefined, false);
      }
    },
  };
}

/** A release that runs in both places is judged by the one that counts; before the other one goes. */
async function redirectCurrent(dependencies: MigrateDependencies, cause: RecordedEvent, looked: Looked): Promise<void> {
  const { old, copy, migration, oldEnvironment, copyEnvironment } = looked;
  const release = old.current?.release;
  if (release === undefined || copy.current?.release !== release) return;
  const counts = old.cutOver?.migration === migration.number;
  if (migration.phase === 'reverted' && copy.copiedFrom?.migration === migration.number) {
    await redirect(dependencies, cause, release, { from: migration.to, there: oldEnvironment });
  } else if (counts) {
    await redirect(dependencies, cause, release, { from: oldEnvironment.location, there: copyEnvironment });
  }
}

/** Takes one step; false when it changed nothing, so that the same step is not taken for ever. */
async function take(
  dependencies: Deploying,
  cause: RecordedEvent,
  looked: Looked,
  step: MigrationStep,
): Promise<boolean> {
  const { old, copy, migration, oldEnvironment, copyEnvironment } = looked;
  const { number, to } = migration;
  const of = (environment: EnvironmentId) => ({ environment, migration: number });
  const metadata = (subject: string | number): CommandMetadata => ({
    ...causedBy(cause, NAME, '', dependencies.now()),
    commandId: derivedId(NAME, environmentName(oldEnvironment), String(number), step, String(subject)),
  });
  switch (step) {
    case 'copy':
      return attempt(dependencies, await copyCommand(dependencies, looked, metadata, cause));
    case 'cut-over': {
      const data = { ...of(oldEnvironment), to, release: old.current!.release, generation: copy.generation };
      return attempt(dependencies, { type: 'CutOverEnvironment', data, metadata: metadata(copy.generation) });
    }
    case 'begin-removal': {
      const data = { location: oldEnvironment.location, migration: number };
      // Of the whole location, so whoever is first.
      const commandId = derivedId(NAME, data.location, String(number), step);
      await attempt(dependencies, {
        type: 'BeginMigrationRemoval',
        data,
        metadata: { ...metadata(0), commandId },
      });
      return (await readLocation(dependencies, data.location)).migration?.removalBegun === true;
    }
    case 'remove-old': {
      const data = { ...of(oldEnvironment), release: old.current!.release };
      return attempt(dependencies, { type: 'RemoveMigratedEnvironment', data, metadata: metadata(old.generation) });
    }
    case 'follow-removal': {
      const data = { environment: copyEnvironment, order: old.order, cause: 'requested' as const };
      return attempt(dependencies, { type: 'RemoveEnvironment', data, metadata: metadata(old.order) });
    }
    case 'cut-back':
      return attempt(dependencies, {
        type: 'CutBackEnvironment',
        data: { ...of(oldEnvironment), to },
        metadata: metadata(old.generation),
      });
    case 'remove-copy':
      return attempt(dependencies, {
        type: 'RemoveCopy',
        data: of(copyEnvironment),
        metadata: metadata(copy.generation),
      });
  }
}

/** What is to run there, or the words why it cannot be planned. */
async function copyCommand(
  dependencies: Deploying,
  { old, oldEnvironment, copyEnvironment, migration }: Looked,
  metadata: (subject: string | number) => CommandMetadata,
  cause: RecordedEvent,
): Promise<OutgoingCommand> {
  const { generation, release, ...wanted } = old.current!;
  try {
    const read = await readRelease(dependencies, release);
    if (!read) throw new Error(`${environmentName(oldEnvironment)} runs release ${release}, which is not in the log`);
    const desired = await dependencies.contents.put(await desiredText(dependencies, release, read, copyEnvironment));
    return {
      type: 'CopyEnvironment',
      data: {
        ...wanted,
        release,
        desired,
        environment: copyEnvironment,
        migration: migration.number,
        migratedFrom: oldEnvironment,
        generation,
        counts: old.cutOver?.migration === migration.number,
      },
      metadata: metadata(generation),
    };
  } catch (error) {
    if (!isWaybillError(error) || !FINAL.has(error.code)) throw error;
    const { number, to } = migration;
    const message = machineText(error.message);
    return {
      type: 'RefuseCopy',
      data: { environment: oldEnvironment, migration: number, to, release, message },
      metadata: metadata(`${generation} refused ${cause.id}`),
    };
  }
}

/** Whether it wrote something; what others were faster with is nothing to fail for. */
async function attempt({ send }: Pick<PolicyDependencies, 'send'>, command: OutgoingCommand): Promise<boolean> {
  try {
    return (await send(command)).events.length > 0;
  } catch (error) {
    if (isWaybillError(error) && OVERTAKEN.has(error.code)) return false;
    throw error;
  }
}
