import { describe, expect, it } from '@jest/globals';
import { isWaybillError, type Command, type Decider, type Event } from '@waybill/kernel';
import fc from 'fast-check';
import { accessDecider } from './access/decide.js';
import type { AccessCommand } from './access/commands.js';
import { catalogue } from './catalogue.js';
import { locationDecider } from './location/decide.js';
import type { LocationCommand } from './location/commands.js';
import type { Delivery } from './location/events.js';
import { projectDecider } from './project/decide.js';
import type { ProjectCommand } from './project/commands.js';
import { BusinessMetadata, DevopsMetadata } from './project/metadata.js';
import { presetRules } from './rules/presets.js';

const metadata = fc
  .tuple(fc.constantFrom('admin', 'developer', 'business', 'devops'), fc.constantFrom('person', 'operator', 'policy'))
  .map(([role, kind]) => ({
    commandId: 'c1',
    actor: { kind, id: 'p-1a2b3c4d', roles: kind === 'person' ? [role] : [] } as Command['metadata']['actor'],
    now: '2025-10-09T08:53:20.000Z',
    correlationId: 'c1',
    causationId: 'c1',
  }));

/** Commands with everything right but who sends them and when. */
function commands<C extends Command>(...contents: readonly Pick<C, 'type' | 'data' | 'context'>[]): fc.Arbitrary<C[]> {
  const command = fc
    .tuple(fc.constantFrom(...contents), metadata)
    .map(([content, by]) => ({ ...content, metadata: by }) as C);
  return fc.array(command, { maxLength: 25 });
}

/**
 * Whatever is asked, in whatever order: a decision is events that the catalogue takes as they are, or a WaybillError;
 * deciding twice gives the same; and the state that grew along the way is the one that replaying the events gives.
 */
function expectReplayable<State, C extends Command, E extends Event>(
  { initialState, decide, evolve }: Decider<State, C, E>,
  sequence: readonly C[],
): void {
  const log: string[] = [];
  let state = initialState;
  for (const command of sequence) {
    const events = outcomeOf(() => decide(command, state));
    expect(outcomeOf(() => decide(command, state))).toEqual(events);
    if (!Array.isArray(events)) continue;
    for (const event of events as E[]) {
      expect(catalogue.check(event).data).toEqual(event.data);
      state = evolve(state, event);
      log.push(JSON.stringify({ ...event, version: catalogue.definition(event.type).version }));
    }
  }
  const replayed = log.map((text) => catalogue.upcast<E>(JSON.parse(text) as Parameters<typeof catalogue.upcast>[0]));
  expect(replayed.reduce(evolve, initialState)).toEqual(state);
}

function outcomeOf<E>(decide: () => readonly E[]): readonly E[] | { refused: string } {
  try {
    return decide();
  } catch (error) {
    if (isWaybillError(error)) return { refused: `${error.code} ${error.message}` };
    throw error;
  }
}

describe('any sequence of commands gives the state that its events give', () => {
  it('in a project', () => {
    const business = BusinessMetadata.parse({ owner: 'p-1a2b3c4d', productLine: 'Shop' });
    const devops = DevopsMetadata.parse({ quotas: { maxReplicas: 3 } });
    const resources = ['dev', 'prod1', 'prod2'].flatMap((location) =>
      (['kubernetes', 'istio'] as const).map((kind) => ({ resource: `${kind}-${location}`, kind, location })),
    );
    const trunk = presetRules('trunk');
    const project = 'a';
    const context = undefined;
    const sequences = commands<ProjectCommand>(
      { type: 'RegisterProject', data: { project, name: 'A' }, context },
      { type: 'RegisterProject', data: { project, name: 'B' }, context },
      { type: 'SubmitBusinessMetadata', data: { project, metadata: business }, context },
      { type: 'SubmitBusinessMetadata', data: { project, metadata: { ...business, productLine: 'Pay' } }, context },
      { type: 'SubmitDevopsMetadata', data: { project, metadata: devops }, context },
      { type: 'DefineBranchRules', data: { project, preset: 'trunk', rules: trunk }, context: { resources } },
      { type: 'DefineBranchRules', data: { project, preset: null, rules: trunk.slice(1) }, context: { resources } },
      {
        type: 'DefineBranchRules',
        data: { project, preset: null, rules: [...trunk, ...trunk] },
        context: { resources },
      },
      { type: 'DeleteBranch', data: { project, branch: 'Feature/x' }, context },
    );
    fc.assert(fc.property(sequences, (sequence) => expectReplayable(projectDecider, sequence)));
  });

  it('in a location', () => {
    const location = 'dev';
    const git: Delivery = { kind: 'git', repository: 'https://git.example/dev.git', branch: 'main' };
    const resource = { location, resource: 'vm-dev', kind: 'vm' as const, parameters: {}, connection: null };
    const context = undefined;
    const sequences = commands<LocationCommand>(
      { type: 'OnboardLocation', data: { location, delivery: git }, context },
      { type: 'ChangeLocation', data: { location, delivery: { kind: 'ansible' } }, context },
      { type: 'ChangeLocation', data: { location, delivery: { kind: 'cluster' } }, context },
      { type: 'RetireLocation', data: { location }, context },
      { type: 'OnboardResource', data: resource, context: { elsewhere: null } },
      { type: 'OnboardResource', data: resource, context: { elsewhere: 'old' } },
      { type: 'ChangeResource', data: { ...resource, parameters: { group: 'web' } }, context },
      { type: 'RetireResource', data: { location, resource: 'vm-dev' }, context },
      { type: 'RecordOperatorConnected', data: { location, epoch: 1, software: 'o', capabilities: [] }, context },
      { type: 'RecordOperatorConnected', data: { location, epoch: 2, software: 'o', capabilities: ['x'] }, context },
      { type: 'RecordOperatorSilent', data: { location, epoch: 1 }, context },
      { type: 'RecordOperatorSilent', data: { location, epoch: 2 }, context },
    );
    fc.assert(fc.property(sequences, (sequence) => expectReplayable(locationDecider, sequence)));
  });

  it('in access', () => {
    const principal = 'p-1a2b3c4d';
    const token = '019234ab-5c6d-7e8f-9a0b-1c2d3e4f5a6b';
    const context = undefined;
    const sequences = commands<AccessCommand>(
      { type: 'GrantAccess', data: { principal, role: 'developer', scope: 'a' }, context },
      { type: 'GrantAccess', data: { principal, role: 'admin', scope: '*' }, context },
      { type: 'RevokeAccess', data: { principal, role: 'developer', scope: 'a' }, context },
      { type: 'RevokeAccess', data: { principal, role: 'admin', scope: '*' }, context },
      { type: 'CreateToken', data: { principal, token, expiresAt: null }, context },
      { type: 'CreateToken', data: { principal, token, expiresAt: '2026-01-01T00:00:00.000Z' }, context },
      { type: 'CreateToken', data: { principal, token, expiresAt: '2020-01-01T00:00:00.000Z' }, context },
      { type: 'RevokeToken', data: { principal, token }, context },
    );
    fc.assert(fc.property(sequences, (sequence) => expectReplayable(accessDecider, sequence)));
  });
});
