import { deploymentStreamOf, environmentStreamOf } from '@waybill/domain';
import { eventId, newId, sha256 } from '@waybill/kernel';

const LOCATION = 'dev';
const OBJECTS = ['Deployment', 'Service', 'ConfigMap', 'VirtualService'];

/** Project × slot. @param {number} index */
export const environmentOf = (index) => ({
  project: `project-${index % 97}`,
  slot: `feature-${Math.floor(index / 97)}`,
  location: LOCATION,
});

/**
 * Events as one command of the product writes them: together, with one cause.
 * @param {{ type: string, data: object }[]} facts
 */
export function envelopes(facts, commandId = newId()) {
  const shared = {
    version: 1,
    occurredAt: '2026-11-23T12:00:00.000Z',
    actor: { kind: 'operator', id: LOCATION, roles: ['operator'] },
    commandId,
    commandDigest: sha256(commandId),
    correlationId: commandId,
    causationId: commandId,
  };
  return facts.map(({ type, data }, index) => ({ id: eventId(commandId, index), type, ...shared, data }));
}

/** @param {object} environment @param {number} generation @param {number} order */
export function requested(environment, generation, order) {
  const digest = sha256(`${environment.project} ${environment.slot} ${generation}`);
  return {
    type: 'DeploymentRequested',
    data: {
      environment,
      generation,
      order,
      release: newId(),
      ref: { kind: 'branch', name: environment.slot },
      commit: digest.slice(0, 40),
      deliverable: { kind: 'image', image: `registry.example/${environment.project}`, digest: `sha256:${digest}` },
      tier: 'feature',
      configDigest: digest.slice(24),
      desired: digest,
      replaces: generation === 1 ? null : generation - 1,
    },
  };
}

/**
 * Appends of which each environment gets so many generations, five events each, all environments in turn.
 * @param {{ environments: number, generations: number }} size
 * @returns {Generator<{ stream: string, events: object[], expected: 'no-stream' | number }>}
 */
export function* deployments({ environments, generations }) {
  let order = 0;
  for (let generation = 1; generation <= generations; generation++) {
    for (let index = 0; index < environments; index++) {
      const environment = environmentOf(index);
      const request = requested(environment, generation, order++);
      yield {
        stream: environmentStreamOf(environment),
        events: envelopes([request]),
        expected: generation === 1 ? 'no-stream' : generation - 2,
      };
      const { release, desired, commit } = request.data;
      const report = (seq) => ({ environment, generation, release, epoch: 1_769_000_000_000, seq });
      const objects = OBJECTS.map((kind) => {
        const name = `${environment.project}--${environment.slot}`;
        return { group: '', version: 'v1', kind, namespace: 'feature', name };
      });
      yield {
        stream: deploymentStreamOf(environment, generation),
        events: envelopes([
          { type: 'DeploymentAccepted', data: report(1) },
          { type: 'ManifestsAdapted', data: { ...report(2), objects, inventoryHash: desired } },
          { type: 'ManifestsApplied', data: { ...report(3), inventoryHash: desired, commit, durationMs: 1834 } },
          { type: 'DeploymentDelivered', data: { ...report(4), commit } },
        ]),
        expected: 'no-stream',
      };
    }
  }
}
