import {
  type DeploymentEvent,
  type EnvironmentEvent,
  type EnvironmentId,
  type LocationOutcome,
  deploymentStreamOf,
  environmentName,
  environmentStreamOf,
} from '@waybill/domain';
import { type RecordedEvent, derivedId } from '@waybill/kernel';
import { type PolicyDependencies, causedBy } from '../policy.js';
import { readDeployment, readRelease } from '../read.js';

const NAME = 'migrate-locations';

/**
 * From here on the release is judged by what happens at `there`. Its report may have come before anybody waited for it
 * at that location, so the outcome that stands there already is told.
 */
export async function redirect(
  dependencies: PolicyDependencies,
  cause: RecordedEvent,
  release: string,
  { from, there }: { readonly from: string; readonly there: EnvironmentId },
): Promise<void> {
  const read = await readRelease(dependencies, release);
  if (!read) return;
  const locations = read.state.locations;
  const isOpenAt = (name: string): boolean => Object.hasOwn(locations, name) && locations[name]?.outcome === undefined;
  const to = there.location;
  if (isOpenAt(from)) {
    const data = { release, location: from, to };
    const metadata = causedBy(cause, NAME, `redirect ${release} ${from} ${to}`, dependencies.now());
    await dependencies.send({ type: 'RedirectLocation', data, metadata });
  } else if (!isOpenAt(to)) return;
  await concludeAt(dependencies, cause, release, there);
}

/** Tells a release how it ended in an environment, when that is known. */
async function concludeAt(
  dependencies: PolicyDependencies,
  cause: RecordedEvent,
  release: string,
  environment: EnvironmentId,
): Promise<void> {
  const found = await endingOf(dependencies, release, environment);
  if (!found) return;
  const { location } = environment;
  const target = `conclude ${release} ${environmentName(environment)} ${found.generation}`;
  await dependencies.send({
    type: 'ConcludeLocation',
    data: { release, location, ...found },
    metadata: {
      ...causedBy(cause, NAME, target, dependencies.now()),
      commandId: derivedId(NAME, target, found.outcome),
    },
  });
}

async function endingOf(
  dependencies: PolicyDependencies,
  release: string,
  environment: EnvironmentId,
): Promise<{ generation: number | null; outcome: LocationOutcome; message: string | null } | undefined> {
  const { store, catalogue } = dependencies;
  const events = (await store.readStream(environmentStreamOf(environment))).map((recorded) =>
    catalogue.upcast<EnvironmentEvent>(recorded),
  );
  const generation = events.findLast((event) => event.type === 'DeploymentRequested' && event.data.release === release);
  if (generation?.type !== 'DeploymentRequested') {
    const refused = events.some((event) => event.type === 'DeploymentRefused' && event.data.release === release);
    const message = `${environmentName(environment)} holds a release that was asked for later`;
    return refused ? { generation: null, outcome: 'superseded', message } : undefined;
  }
  const asked = generation.data.generation;
  const { outcome, settled } = await readDeployment(dependencies, environment, asked);
  if (outcome && settled) {
    const message = await lastWords(dependencies, environment, asked, outcome);
    return { generation: asked, outcome, message };
  }
  // An operator that took up a newer generation will say no more of this one.
  for (const { type, data } of events) {
    if (type !== 'DeploymentRequested' && type !== 'EnvironmentRemovalRequested') continue;
    if (data.generation <= asked) continue;
    const { accepted, removed, outcome: later } = await readDeployment(dependencies, environment, data.generation);
    if (!accepted && !removed && !later) continue;
    const message = `generation ${data.generation} took its place`;
    return { generation: asked, outcome: 'superseded', message };
  }
  return undefined;
}

async function lastWords(
  { store, catalogue }: PolicyDependencies,
  environment: EnvironmentId,
  generation: number,
  outcome: LocationOutcome,
): Promise<string | null> {
  if (outcome !== 'failed' && outcome !== 'rejected') return null;
  const newestFirst = await store.readStream(deploymentStreamOf(environment, generation), { direction: 'backwards' });
  for (const recorded of newestFirst) {
    const event = catalogue.upcast<DeploymentEvent>(recorded);
    if (event.type === 'DeploymentFailed' || event.type === 'DeploymentRejected') return event.data.message;
  }
  return null;
}
