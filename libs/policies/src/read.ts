import {
  type DeploymentEvent,
  type DeploymentState,
  type Directive,
  type EnvironmentEvent,
  type EnvironmentId,
  type ProjectEvent,
  type ProjectState,
  type ReleaseEvent,
  type ReleaseState,
  deploymentDecider,
  deploymentStreamOf,
  environmentStreamOf,
  projectDecider,
  projectStreamOf,
  releaseDecider,
  releaseStreamOf,
} from '@waybill/domain';
import { type CommandDependencies, type RecordedEvent, loadStream } from '@waybill/kernel';

type Stores = CommandDependencies;

/** A release with what only its envelope knows: `order` is the position of its request. */
export interface ReadRelease {
  readonly state: ReleaseState;
  readonly requested: NonNullable<ReleaseState['requested']>;
  readonly order: number;
  readonly correlationId: string;
}

export async function readRelease(stores: Stores, release: string): Promise<ReadRelease | undefined> {
  const { state, events } = await loadStream<ReleaseState, ReleaseEvent>(
    stores,
    releaseDecider,
    releaseStreamOf(release),
  );
  const [first] = events;
  if (!first || !state.requested) return undefined;
  return { state, requested: state.requested, order: Number(first.position), correlationId: first.correlationId };
}

/** The project as it is, or as it stood at `revision` of its stream (inclusive). */
export async function readProject(stores: Stores, project: string, revision?: number): Promise<ProjectState> {
  const { state, events } = await loadStream<ProjectState, ProjectEvent>(
    stores,
    projectDecider,
    projectStreamOf(project),
  );
  if (revision === undefined || revision === events.length - 1) return state;
  return events
    .slice(0, revision + 1)
    .reduce<ProjectState>(
      (state, event) => projectDecider.evolve(state, stores.catalogue.upcast<ProjectEvent>(event)),
      projectDecider.initialState,
    );
}

export async function readDeployment(
  stores: Stores,
  environment: EnvironmentId,
  generation: number,
): Promise<DeploymentState> {
  const stream = deploymentStreamOf(environment, generation);
  const { state } = await loadStream<DeploymentState, DeploymentEvent>(stores, deploymentDecider, stream);
  return state;
}

/** The event of the environment that asked for `generation`, a deployment or a removal, and its newest directive. */
export async function generationEvent(
  { store, catalogue }: Stores,
  environment: EnvironmentId,
  generation: number,
): Promise<
  | {
      recorded: RecordedEvent;
      event: Extract<EnvironmentEvent, { type: 'DeploymentRequested' | 'EnvironmentRemovalRequested' }>;
      directive: Directive | null;
    }
  | undefined
> {
  const stream = environmentStreamOf(environment);
  let directive: Directive | null = null;
  for (let from: number | undefined; ;) {
    const page = await store.readStream(stream, {
      direction: 'backwards',
      limit: PAGE,
      ...(from === undefined ? {} : { from }),
    });
    for (const recorded of page) {
      const event = catalogue.upcast<EnvironmentEvent>(recorded);
      if (event.type === 'RolloutDirected' && event.data.generation === generation) directive ??= directiveOf(event);
      if (
        (event.type === 'DeploymentRequested' || event.type === 'EnvironmentRemovalRequested') &&
        event.data.generation === generation
      ) {
        return { recorded, event, directive };
      }
    }
    const last = page.at(-1);
    if (!last || last.revision === 0) return undefined;
    from = last.revision - 1;
  }
}

export const directiveOf = ({
  data: { seq, directive: kind, full, step },
}: Extract<EnvironmentEvent, { type: 'RolloutDirected' }>): Directive => ({
  seq,
  kind,
  full,
  ...(step !== undefined && { step }),
});

/** What is asked about is nearly always new: a few events from the end are enough. */
const PAGE = 8;
