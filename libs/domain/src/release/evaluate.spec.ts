import { describe, expect, it } from '@jest/globals';
import { domainSpec } from '../testing/domain-spec.js';
import {
  ANNA,
  BERT,
  CLEO,
  EARLIER,
  RELEASE,
  asks,
  config,
  fine,
  happened,
  image,
  ruleOf,
} from '../testing/releases.js';
import type { ReleaseCommand } from './commands.js';
import { releaseDecider } from './decide.js';
import type { Hold, ReleaseEvent } from './events.js';
import { stagesOf } from './plan.js';

const given = domainSpec(releaseDecider);
const opened = (rule = ruleOf()): ReleaseEvent[] => [happened.requested(), happened.matched(rule)];
const ready = (rule = ruleOf()): ReleaseEvent[] => [...opened(rule), happened.provided(1), happened.configured(1)];
const plannedForDev = [happened.planned(['dev']), happened.started(0, 'dev')];
const opensAt = '2026-01-06T08:00:00.000Z';
const noPort = { section: 'developer' as const, field: 'ports', rules: ['dev'], why: 'Istio routes to a port' };

describe('evaluating a release', () => {
  it('plans it and starts the first stage when nothing holds it', () => {
    given(...ready())
      .when(asks.evaluate())
      .then(...plannedForDev);
    given(...ready(), happened.held({ kind: 'awaiting-config' }))
      .when(asks.evaluate())
      .then(...plannedForDev);
  });

  it('tells all that holds it, in order; no approval while it is unknown what would be approved', () => {
    given(...opened(ruleOf({ approvals: 1, resources: ['kubernetes-dev', 'istio-dev', 'apig-dev'] })))
      .when(
        asks.evaluate({
          missing: [noPort],
          windowOpensAt: opensAt,
          resources: [
            { resource: 'kubernetes-dev', kind: 'kubernetes', location: 'dev' },
            { resource: 'istio-dev', unavailable: 'it was retired' },
          ],
        }),
      )
      .then(
        happened.held(
          { kind: 'awaiting-deliverable' },
          { kind: 'awaiting-config' },
          { kind: 'missing-metadata', section: 'developer', field: 'ports', why: 'Istio routes to a port' },
          { kind: 'resource-unavailable', resource: 'istio-dev', message: 'it was retired' },
          { kind: 'resource-unavailable', resource: 'apig-dev', message: 'it is not onboarded' },
          { kind: 'window-closed', opensAt },
        ),
      );
  });

  it('says nothing while the configuration is being read', () => {
    given(...opened(), happened.provided(1))
      .when(asks.evaluate({ configIsRead: true }))
      .thenNothing();
    given(...opened(), happened.provided(1), happened.misconfigured())
      .when(asks.evaluate({ configIsRead: true }))
      .then(
        happened.held({ kind: 'config', problem: 'invalid', message: 'waybill.yaml:3: replicas must be a number' }),
      );
  });

  it('follows in the same append what may free a release, with what that changed', () => {
    given(...opened(), happened.provided(1))
      .when({ ...asks.configure(1), context: fine } as ReleaseCommand)
      .then(happened.configured(1), ...plannedForDev);
    given(...opened(), happened.configured(1), happened.held({ kind: 'awaiting-deliverable' }))
      .when({ ...asks.provide(image(1)), context: { ...fine, windowOpensAt: opensAt } } as ReleaseCommand)
      .then(happened.provided(1), happened.held({ kind: 'window-closed', opensAt }));
    given(...ready(ruleOf({ approvals: 1 })))
      .when({ ...asks.approve(BERT), context: fine } as ReleaseCommand)
      .then(happened.approved(BERT, 1), ...plannedForDev);
    given()
      .when(asks.request({ deliverable: image(1) }, { config: config(1), evaluation: fine }))
      .then(
        happened.requested({ deliverable: image(1) }),
        happened.matched(),
        happened.configured(1),
        ...plannedForDev,
      );
    given()
      .when(asks.request({}, { evaluation: { ...fine, configIsRead: true } }))
      .then(happened.requested(), happened.matched());
    given(...ready(), happened.held({ kind: 'window-closed', opensAt }))
      .when({ ...asks.configure(1), context: fine } as ReleaseCommand)
      .thenNothing();
  });

  it('names file and line of a configuration that is not valid, once', () => {
    const hold = (message: string): Hold => ({ kind: 'config', problem: 'invalid', message });
    const expectHold = (event: ReleaseEvent, message: string): void =>
      given(...opened(), happened.provided(1), event)
        .when(asks.evaluate())
        .then(happened.held(hold(message)));
    expectHold(happened.misconfigured(), 'waybill.yaml:3: replicas must be a number');
    expectHold(happened.misconfigured({ line: null }), 'waybill.yaml: replicas must be a number');
    expectHold(happened.misconfigured({ file: null, line: null }), 'replicas must be a number');
    expectHold(happened.misconfigured({ message: 'waybill.yaml:3: no' }), 'waybill.yaml:3: no');
  });

  it('says the same only once', () => {
    const hold: Hold = { kind: 'awaiting-deliverable' };
    given(...opened(), happened.configured(1), happened.held(hold))
      .when(asks.evaluate())
      .thenNothing();
    given(...opened(), happened.configured(1), happened.held(hold))
      .when(asks.evaluate({ windowOpensAt: opensAt }))
      .then(happened.held(hold, { kind: 'window-closed', opensAt }));
  });

  it('counts distinct approvals of exactly what would be deployed', () => {
    const pending = (have: number): ReleaseEvent =>
      happened.held({ kind: 'approval-pending', have, need: 2, approvers: [BERT.id, CLEO.id] });
    const two = ready(ruleOf({ approvals: 2 }));
    given(...two)
      .when(asks.evaluate())
      .then(pending(0));
    given(...two, happened.approved(BERT, 1))
      .when(asks.evaluate())
      .then(pending(1));
    given(...two, happened.approved(BERT, 1), happened.approved(BERT, 1))
      .when(asks.evaluate())
      .then(pending(1));
    given(...two, happened.approved(BERT, 1), happened.approved(CLEO, 1))
      .when(asks.evaluate())
      .then(...plannedForDev);
  });

  it('does not count an approval of a deliverable or configuration that changed since', () => {
    const approved = [...ready(ruleOf({ approvals: 1 })), happened.approved(BERT, 1)];
    const pending = happened.held({ kind: 'approval-pending', have: 0, need: 1, approvers: [BERT.id, CLEO.id] });
    given(...approved, happened.provided(2))
      .when(asks.evaluate())
      .then(pending);
    given(...approved, happened.configured(2))
      .when(asks.evaluate())
      .then(pending);
  });

  it('never names the requester among those who may approve', () => {
    given(...ready(ruleOf({ approvals: 1 })))
      .when(asks.evaluate({ approvers: [ANNA.id] }))
      .then(happened.held({ kind: 'approval-pending', have: 0, need: 1, approvers: [] }));
  });

  it('lets a rollback pass without approvals and window, under the metadata as it stood', () => {
    given(
      happened.requested({ trigger: 'rollback', reuses: EARLIER, deliverable: image(1), metadataRevision: 2 }),
      happened.matched(ruleOf({ approvals: 2 })),
      happened.configured(1),
    )
      .when(asks.evaluate({ windowOpensAt: opensAt }))
      .then(
        {
          type: 'ReleasePlanned',
          data: {
            ...(plannedForDev[0] as Extract<ReleaseEvent, { type: 'ReleasePlanned' }>).data,
            metadataRevision: 2,
          },
        },
        happened.started(0, 'dev'),
      );
  });

  it('does not let a retry pass the window', () => {
    given(
      happened.requested({ trigger: 'retry', reuses: EARLIER, deliverable: image(1), metadataRevision: 2 }),
      happened.matched(),
      happened.configured(1),
    )
      .when(asks.evaluate({ windowOpensAt: opensAt }))
      .then(happened.held({ kind: 'window-closed', opensAt }));
  });

  it.each<[string, ReleaseEvent[]]>([
    ['is being deployed', plannedForDev],
    ['was refused', [happened.refused()]],
    ['was cancelled', [happened.cancelled()]],
    ['is completed', [...plannedForDev, happened.concluded('dev', 'healthy'), happened.completed('healthy')]],
    ['has failed', [...plannedForDev, happened.concluded('dev', 'failed'), happened.failed('dev')]],
  ])('does nothing when it %s', (_, end) => {
    given(...ready(), ...end)
      .when(asks.evaluate())
      .thenNothing();
  });

  it('does nothing when no rule matched', () => {
    given(happened.requested(), happened.unmatched()).when(asks.evaluate()).thenNothing();
  });
});

describe('stages', () => {
  const at = (...keys: string[]) =>
    keys.map((resource) => {
      const [kind, location] = resource.split(/-(?=[^-]*$)/) as [
        'kubernetes' | 'istio' | 'apig' | 'gateway-api',
        string,
      ];
      return { resource, kind, location };
    });

  it('are one when the rule has none, gateways behind', () => {
    expect(stagesOf({ stages: [] }, at('kubernetes-one', 'istio-one', 'kubernetes-two'))).toEqual([['one', 'two']]);
    expect(stagesOf({ stages: [] }, at('apig-edge', 'kubernetes-one', 'gateway-api-door', 'apig-door'))).toEqual([
      ['one'],
      ['edge', 'door'],
    ]);
    expect(stagesOf({ stages: [] }, at('apig-one', 'kubernetes-one'))).toEqual([['one']]);
    expect(stagesOf({ stages: [] }, at('apig-edge'))).toEqual([['edge']]);
  });

  it('follow the rule; what it does not name comes last, what is not there is left out', () => {
    const resources = at('kubernetes-one', 'kubernetes-two', 'kubernetes-three');
    expect(stagesOf({ stages: [['two'], ['one', 'nowhere']] }, resources)).toEqual([['two'], ['one', 'three']]);
    expect(stagesOf({ stages: [['two'], ['nowhere']] }, resources)).toEqual([['two', 'one', 'three']]);
    expect(stagesOf({ stages: [['nowhere']] }, resources)).toEqual([['one', 'two', 'three']]);
    expect(
      stagesOf(
        {
          stages: [
            ['one', 'two'],
            ['two', 'three'],
          ],
        },
        resources,
      ),
    ).toEqual([['one', 'two'], ['three']]);
  });

  it('are planned with the resources in the order of the rule', () => {
    given(...ready(ruleOf({ resources: ['kubernetes-dev', 'apig-edge'], stages: [['edge']] })))
      .when(
        asks.evaluate({
          resources: [
            { resource: 'apig-edge', kind: 'apig', location: 'edge' },
            { resource: 'kubernetes-dev', kind: 'kubernetes', location: 'dev' },
          ],
        }),
      )
      .then(
        {
          type: 'ReleasePlanned',
          data: {
            release: RELEASE,
            metadataRevision: 7,
            resources: [
              { resource: 'kubernetes-dev', kind: 'kubernetes', location: 'dev' },
              { resource: 'apig-edge', kind: 'apig', location: 'edge' },
            ],
            stages: [['edge', 'dev']],
          },
        },
        happened.started(0, 'edge', 'dev'),
      );
  });
});
