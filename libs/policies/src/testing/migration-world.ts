import {
  type EnvironmentEvent,
  type EnvironmentId,
  type EnvironmentState,
  type MigrationRemoval,
  type Observation,
  type ReleaseState,
  catalogue,
  deploymentDecider,
  deploymentInputs,
  deploymentStreamOf,
  environmentDecider,
  environmentInputs,
  environmentName,
  environmentStreamOf,
  locationDecider,
  locationInputs,
  locationStreamOf,
  presetRules,
  projectStreamOf,
  releaseDecider,
  releaseStreamOf,
} from '@waybill/domain';
import {
  type Command,
  type CommandMetadata,
  type Decider,
  type Event,
  type EventStore,
  derivedId,
  handleCommand,
  handleCommands,
  loadStream,
  sha256,
} from '@waybill/kernel';
import { createMemoryEventStore } from '@waybill/kernel/testing';
import { concludeLocations } from '../conclude.js';
import { deployStages } from '../deploy.js';
import { type MigrateDependencies, type MigrateLocations, migrateLocations } from '../migrate/migrate-locations.js';
import type { OutgoingCommand, Policy, Send } from '../policy.js';

const PROJECT = 'shop';
const COMMIT = 'a'.repeat(40);
const CONTENTS = JSON.stringify({ files: { 'waybill.yaml': 'replicas: 1\n' } });
export const PLACES = ['prod1', 'prod3'] as const;
export type Place = (typeof PLACES)[number];
const environmentAt = (location: Place): EnvironmentId => ({ project: PROJECT, slot: 'prod', location });

/** What a command handler that dies leaves behind: nothing, or everything but its answer. */
export type Death = 'before' | 'after';

class Killed extends Error {}

/** Two locations, one project that runs at the first, and everything that acts on them, each a step at a time. */
export interface World {
  readonly store: EventStore;
  /** The next command of the policies dies. */
  kill(death: Death): void;
  release(): Promise<string>;
  start(removal: MigrationRemoval): Promise<boolean>;
  act(type: 'StopMigration' | 'ResumeMigration' | 'RevertMigration' | 'RequestMigrationRemoval'): Promise<boolean>;
  removeByHand(place: Place): Promise<void>;
  /** One event more for a policy; false when it has read all. */
  step(policy: 'deploy' | 'conclude' | 'migrate'): Promise<boolean>;
  /** The operator of a place works on the newest generation; false when there is nothing to do. */
  operate(place: Place, outcome: 'healthy' | 'failed'): Promise<boolean>;
  /** Time passes and timed removals are looked at. */
  wait(seconds: number): Promise<void>;
  /** Generation that stands healthy at a place, null for none. */
  standing(place: Place): number | null;
  environment(place: Place): Promise<EnvironmentState>;
  releaseState(release: string): Promise<ReleaseState>;
  phase(): Promise<string | undefined>;
}

export async function createWorld(): Promise<World> {
  const store = createMemoryEventStore();
  let clock = Date.parse('2026-11-25T12:00:00.000Z');
  const now = (): string => new Date(clock).toISOString();
  let death: Death | undefined;
  let serial = 0;
  const stands = new Map<Place, number | null>(PLACES.map((place) => [place, null]));
  const worked = new Map<Place, number>(PLACES.map((place) => [place, 0]));
  const seqs = new Map<string, number>();

  const metadata = (roles: string[] = ['devops']): CommandMetadata => {
    const commandId = derivedId('world', String((serial += 1)));
    const actor = { kind: 'person' as const, id: 'p-1a2b3c4d', roles };
    return { commandId, actor, now: now(), correlationId: commandId, causationId: commandId };
  };

  async function append(stream: string, events: readonly Event[]): Promise<void> {
    const { revision } = await loadStream({ store, catalogue }, { initialState: null, evolve: (s) => s }, stream);
    const { commandId, actor, correlationId, causationId } = metadata();
    const shared = {
      occurredAt: now(),
      actor,
      commandId,
      commandDigest: sha256(commandId),
      correlationId,
      causationId,
    };
    await store.append(
      stream,
      events.map((event, index) => ({
        id: derivedId(commandId, String(index)),
        type: event.type,
        ...shared,
        ...catalogue.check(event),
      })),
      revision === -1 ? 'no-stream' : revision,
    );
  }

  const handle = <State, C extends Command, E extends Event>(
    decider: Decider<State, C, E>,
    stream: string,
    command: { readonly type: string; readonly data: unknown; readonly metadata: CommandMetadata },
    context: unknown = undefined,
  ) => handleCommand({ store, catalogue }, decider, stream, { ...command, context } as unknown as C);

  const environmentsAt = async (location: string) => {
    const environment = environmentAt(location as Place);
    const { state, revision } = await load(environment);
    const live = state.current !== null || state.removing !== null;
    return revision === -1 ? [] : [{ environment, removed: !live }];
  };
  const load = (environment: EnvironmentId) =>
    loadStream<EnvironmentState, EnvironmentEvent>(
      { store, catalogue },
      environmentDecider,
      environmentStreamOf(environment),
    );
  const location = async (key: string) =>
    (await loadStream({ store, catalogue }, locationDecider as never, locationStreamOf(key))).state as ReturnType<
      typeof locationDecider.evolve
    >;

  async function dispatch(command: OutgoingCommand) {
    if (Object.hasOwn(environmentInputs, command.type)) {
      const { environment } = command.data as { environment: EnvironmentId };
      return handle(environmentDecider, environmentStreamOf(environment), command);
    }
    if (Object.hasOwn(locationInputs, command.type)) {
      return handle(locationDecider, locationStreamOf((command.data as { location: string }).location), command);
    }
    return handle(releaseDecider, releaseStreamOf((command.data as { release: string }).release), command);
  }

  const send: Send = async (sent) => {
    if (Array.isArray(sent)) throw new Error('policies report nothing');
    const dies = death;
    death = undefined;
    if (dies === 'before') throw new Killed();
    const { events } = await dispatch(sent as OutgoingCommand);
    if (dies === 'after') throw new Killed();
    return { events };
  };

  const dependencies: MigrateDependencies = {
    store,
    catalogue,
    now,
    send,
    contents: { get: async () => CONTENTS, put: async (text) => sha256(text) },
    migrations: async () => {
      const { migration } = await location('prod1');
      return migration ? [{ location: 'prod1', to: migration.to }] : [];
    },
    environmentsAt,
    liveEnvironments: async () => [],
  };
  const made = (): { deploy: Policy; conclude: Policy; migrate: MigrateLocations } => ({
    deploy: deployStages(dependencies),
    conclude: concludeLocations(dependencies),
    migrate: migrateLocations(dependencies),
  });
  let policies = made();
  const read: Record<'deploy' | 'conclude' | 'migrate', string | undefined> = {
    deploy: undefined,
    conclude: undefined,
    migrate: undefined,
  };

  for (const key of PLACES) {
    await handle(locationDecider, locationStreamOf(key), {
      type: 'OnboardLocation',
      data: { location: key, delivery: { kind: 'cluster' } },
      metadata: metadata(),
    });
    const data = { location: key, resource: `kubernetes-${key}`, kind: 'kubernetes', parameters: {}, connection: null };
    await handle(
      locationDecider,
      locationStreamOf(key),
      { type: 'OnboardResource', data, metadata: metadata() },
      { elsewhere: null },
    );
    await handle(locationDecider, locationStreamOf(key), {
      type: 'RecordOperatorConnected',
      data: { location: key, epoch: 1, software: 'spec/1', capabilities: [] },
      metadata: metadata(['adapter']),
    });
  }
  const config = { repository: 'https://git.example/config.git', branch: 'main' };
  await append(projectStreamOf(PROJECT), [
    { type: 'ProjectRegistered', data: { project: PROJECT, name: 'Shop' } },
    {
      type: 'DeveloperMetadataSubmitted',
      data: {
        project: PROJECT,
        metadata: {
          sourceRepository: 'https://git.example/shop.git',
          deliverable: { kind: 'image', repository: 'registry.example/shop' },
          ports: [{ name: 'http', port: 8080, protocol: 'http' }],
          healthChecks: {},
          config,
        },
      },
    },
    {
      type: 'BusinessMetadataSubmitted',
      data: {
        project: PROJECT,
        metadata: {
          owner: 'p-1a2b3c4d',
          productLine: 'Shop',
          domains: [],
          trafficPolicy: {},
          approvers: [],
          notify: [],
        },
      },
    },
    {
      type: 'DevopsMetadataSubmitted',
      data: { project: PROJECT, metadata: { quotas: { maxReplicas: 3 }, resources: {}, strategies: {} } },
    },
  ]);
  const rule = { ...presetRules('gitflow').at(-1)!, resources: ['kubernetes-prod1'], stages: [], approvals: 0 };

  return {
    store,
    kill: (wanted) => (death = wanted),
    async release() {
      const release = derivedId('release', String((serial += 1)));
      const digest = sha256(release);
      const deliverable = { kind: 'image', image: 'registry.example/shop', digest: `sha256:${digest}` };
      const planned = { resource: 'kubernetes-prod1', kind: 'kubernetes', location: 'prod1' };
      // As the handler would: a plan follows a migration that is over.
      const moved = (await location('prod1')).migration?.phase === 'completed';
      const place = moved ? 'prod3' : 'prod1';
      const resources = moved
        ? [{ ...planned, resource: 'kubernetes-prod3', location: place, named: 'kubernetes-prod1' }]
        : [planned];
      const source = { via: 'cli', pipelineId: null, jobId: null, url: null, attributes: {} };
      await append(releaseStreamOf(release), [
        {
          type: 'ReleaseRequested',
          data: {
            release,
            project: PROJECT,
            ref: { kind: 'tag', name: 'v1' },
            commit: COMMIT,
            deliverable,
            requestedBy: null,
            trigger: 'push',
            reuses: null,
            source,
          },
        },
        { type: 'BranchMatched', data: { release, rulesRevision: 0, rule, slot: 'prod' } },
        {
          type: 'ConfigResolved',
          data: {
            release,
            config: {
              repository: config.repository,
              directory: 'shop/tag',
              fallback: false,
              commit: COMMIT,
              digest: COMMIT,
              contents: sha256(CONTENTS),
              committedAt: null,
              author: null,
            },
          },
        },
        { type: 'ReleasePlanned', data: { release, metadataRevision: 3, resources, stages: [[place]] } },
        { type: 'StageStarted', data: { release, stage: 0, locations: [place] } },
      ]);
      return release;
    },
    async start(removal) {
      const target = await location('prod3');
      const data = { location: 'prod1', to: 'prod3', map: {}, removal };
      const { state } = await load(environmentAt('prod3'));
      const occupied = state.current || state.removing ? [environmentName(environmentAt('prod3'))] : [];
      return accepted(
        handle(
          locationDecider,
          locationStreamOf('prod1'),
          { type: 'StartMigration', data, metadata: metadata() },
          { target, arriving: [], occupied },
        ),
      );
    },
    act: (type) =>
      accepted(
        handle(locationDecider, locationStreamOf('prod1'), {
          type,
          data: { location: 'prod1' },
          metadata: metadata(),
        }),
      ),
    async removeByHand(place) {
      const order = Number(await store.lastPosition());
      const data = { environment: environmentAt(place), order, cause: 'requested' };
      await handle(environmentDecider, environmentStreamOf(environmentAt(place)), {
        type: 'RemoveEnvironment',
        data,
        metadata: metadata(),
      });
    },
    async step(name) {
      const after = read[name];
      const page = await store.readAll(after, 1);
      const event = page[0];
      if (!event) return false;
      try {
        if (policies[name].handles.has(event.type)) await policies[name].react(event);
        read[name] = event.position;
      } catch (error) {
        if (error instanceof Killed) {
          // A new process, which knows what the log says and where each policy had read to.
          policies = made();
        } else if (isMisuse(error)) read[name] = event.position;
        else throw error;
      }
      return true;
    },
    async operate(place, outcome) {
      const environment = environmentAt(place);
      const { events } = await load(environment);
      const asked = events
        .map((recorded) => catalogue.upcast<EnvironmentEvent>(recorded))
        .findLast(({ type }) => type === 'DeploymentRequested' || type === 'EnvironmentRemovalRequested');
      if (asked?.type !== 'DeploymentRequested' && asked?.type !== 'EnvironmentRemovalRequested') return false;
      const { generation } = asked.data;
      if ((worked.get(place) ?? 0) >= generation) return false;
      worked.set(place, generation);
      const gone = asked.type === 'EnvironmentRemovalRequested';
      if (gone) stands.set(place, null);
      else if (outcome === 'healthy') stands.set(place, generation);
      const ended: Observation = gone
        ? { phase: 'removed', commit: null }
        : outcome === 'healthy'
          ? { phase: 'healthy' }
          : { phase: 'failed', reason: 'Timeout', message: 'it did not come up' };
      const observations: Observation[] = [{ phase: 'accepted' }, ended];
      const release = asked.type === 'DeploymentRequested' ? asked.data.release : null;
      const stream = deploymentStreamOf(environment, generation);
      const commands = observations.map((observation) => {
        const seq = (seqs.get(stream) ?? 0) + 1;
        seqs.set(stream, seq);
        const data = { environment, generation, release, epoch: 1, seq, observation };
        return {
          type: 'RecordReport' as const,
          data: deploymentInputs.RecordReport.parse(data),
          context: undefined,
          metadata: metadata(['adapter']),
        };
      });
      await handleCommands({ store, catalogue }, deploymentDecider, stream, commands);
      return true;
    },
    async wait(seconds) {
      clock += seconds * 1000;
      try {
        await policies.migrate.due();
      } catch (error) {
        if (!(error instanceof Killed)) throw error;
        policies = made();
      }
    },
    standing: (place) => stands.get(place) ?? null,
    environment: async (place) => (await load(environmentAt(place))).state,
    releaseState: async (release) =>
      (await loadStream({ store, catalogue }, releaseDecider as never, releaseStreamOf(release))).state as ReleaseState,
    phase: async () => (await location('prod1')).migration?.phase,
  };
}

async function accepted(work: Promise<unknown>): Promise<boolean> {
  try {
    await work;
    return true;
  } catch (error) {
    if (isMisuse(error)) return false;
    throw error;
  }
}

const isMisuse = (error: unknown): boolean =>
  error instanceof Error &&
  'code' in error &&
  ['INVALID_STATE', 'INVALID_INPUT', 'NOT_FOUND', 'ALREADY_EXISTS', 'COMMAND_ID_CONFLICT'].includes(String(error.code));

/** Lets everything that acts go on until nothing happens any more. */
export async function settle(world: World, outcome: 'healthy' | 'failed' = 'healthy'): Promise<void> {
  for (let moved = true; moved;) {
    moved = false;
    for (const policy of ['deploy', 'conclude', 'migrate'] as const) {
      while (await world.step(policy)) moved = true;
    }
    for (const place of PLACES) if (await world.operate(place, outcome)) moved = true;
  }
}
