import { describe, it } from '@jest/globals';
import { domainSpec } from '../testing/domain-spec.js';
import {
  ANNA,
  EARLIER,
  PIPELINE,
  POLICY,
  RELEASE,
  RPM,
  asks,
  config,
  happened,
  image,
  ruleOf,
} from '../testing/releases.js';
import { releaseDecider } from './decide.js';
import type { ReleaseEvent } from './events.js';

const given = domainSpec(releaseDecider);
const feature = ruleOf({ name: 'feature', pattern: '^feature-' });
const whole = { deliverable: image(1), config: config(1), metadataRevision: 2 };

describe('requesting a release', () => {
  it('records the request and the first rule that matches, in one append', () => {
    given()
      .when(asks.request({}, { rules: [feature, ruleOf(), ruleOf({ name: 'again' })] }))
      .then(happened.requested(), happened.matched());
  });

  it('takes the slot of the ref', () => {
    const ref = { kind: 'tag' as const, name: 'v1.2' };
    const rule = ruleOf({ kind: 'tag', pattern: null });
    given()
      .when(asks.request({ ref }, { rules: [rule] }))
      .then(happened.requested({ ref }), happened.matched(rule, 'prod'));
  });

  it('keeps a request that no rule matches, with the rule that comes closest', () => {
    const ref = { kind: 'branch' as const, name: 'feature_login' };
    given()
      .when(asks.request({ ref }, { rules: [feature] }))
      .then(happened.requested({ ref }), happened.unmatched({ closest: 'feature' }));
  });

  it.each([
    ['no rules are defined', { rules: [], rulesRevision: null }],
    ['the list is empty', { rules: [] }],
    ['no revision is known', { rulesRevision: null }],
  ])('keeps a request when %s', (_, context) => {
    given()
      .when(asks.request({}, context))
      .then(happened.requested(), happened.unmatched({ rulesRevision: null, reason: 'no-rules' }));
  });

  it('names the person or the service that asked, and nobody when a policy did', () => {
    given()
      .when(asks.request({}, {}, PIPELINE))
      .then(happened.requested({ requestedBy: PIPELINE.id }), happened.matched());
    given()
      .when(asks.request({}, {}, POLICY))
      .then(happened.requested({ requestedBy: null }), happened.matched());
  });

  it('refuses an id that is taken', () => {
    given(happened.requested(), happened.matched())
      .when(asks.request())
      .thenThrows('ALREADY_EXISTS', /requested already/);
    given(happened.requested(), happened.unmatched()).when(asks.request()).thenThrows('ALREADY_EXISTS');
  });

  it('knows no command for a release that was never requested', () => {
    for (const command of [
      asks.provide(image(1)),
      asks.configure(1),
      asks.misconfigure(),
      asks.evaluate(),
      asks.approve(ANNA),
      asks.refuse(ANNA),
      asks.cancel('branch-deleted'),
      asks.conclude('dev', 'healthy'),
    ]) {
      given().when(command).thenThrows('NOT_FOUND', new RegExp(RELEASE));
    }
  });
});

describe('using an earlier intent again', () => {
  const rollback = { trigger: 'rollback' as const, reuses: EARLIER };
  const taken: ReleaseEvent[] = [
    happened.requested({ ...rollback, deliverable: image(1), metadataRevision: 2 }),
    happened.matched(),
    happened.configured(1),
  ];

  it('takes over deliverable, configuration and metadata, in one append', () => {
    given()
      .when(asks.request(rollback, { reused: whole }))
      .then(...taken);
    given()
      .when(asks.request({ ...rollback, deliverable: image(1) }, { reused: whole }))
      .then(...taken);
  });

  it('is still asked by today’s rules', () => {
    given()
      .when(asks.request(rollback, { reused: whole, rules: [feature] }))
      .then(
        happened.requested({ ...rollback, deliverable: image(1), metadataRevision: 2 }),
        happened.unmatched({ closest: null }),
      );
  });

  it('uses today’s metadata when the configuration is resolved anew', () => {
    const change = { trigger: 'config-change' as const, reuses: EARLIER };
    given()
      .when(asks.request(change, { reused: { ...whole, config: null } }))
      .then(happened.requested({ ...change, deliverable: image(1) }), happened.matched());
  });

  it('may get its deliverable from the request when the earlier release had none', () => {
    const retry = { trigger: 'retry' as const, reuses: EARLIER, deliverable: image(2) };
    given()
      .when(asks.request(retry, { reused: { deliverable: null, config: null, metadataRevision: null } }))
      .then(happened.requested(retry), happened.matched());
  });

  it.each([
    ['nothing is taken over', null],
    ['it never had a deliverable', { ...whole, deliverable: null }],
    ['it never had a configuration', { ...whole, config: null }],
    ['it was never planned', { ...whole, metadataRevision: null }],
  ])('refuses a rollback when %s: it would skip approvals that nobody gave', (_, reused) => {
    given()
      .when(asks.request(rollback, { reused }))
      .thenThrows('INVALID_STATE', /nothing to roll back to/);
  });

  it('refuses another deliverable, and a mention of a release that nothing is taken from', () => {
    given()
      .when(asks.request({ ...rollback, deliverable: image(2) }, { reused: whole }))
      .thenThrows('INVALID_INPUT', /another deliverable/);
    given()
      .when(asks.request({ reuses: EARLIER }))
      .thenThrows('INVALID_INPUT', /go together/);
    given()
      .when(asks.request({}, { reused: whole }))
      .thenThrows('INVALID_INPUT', /go together/);
  });

  it('keeps its deliverable and, for a retry or rollback, its configuration', () => {
    given(...taken)
      .when(asks.provide(image(1)))
      .thenNothing();
    given(...taken)
      .when(asks.provide(image(2)))
      .thenThrows('INVALID_STATE', new RegExp(EARLIER));
    given(...taken)
      .when(asks.configure(2))
      .thenNothing();
    given(...taken)
      .when(asks.misconfigure())
      .thenNothing();
  });
});

describe('the deliverable', () => {
  const open = [happened.requested(), happened.matched()];

  it('may come later, and change until the release is planned', () => {
    given(...open)
      .when(asks.provide(image(1)))
      .then(happened.provided(1));
    given(...open, happened.provided(1))
      .when(asks.provide(image(2)))
      .then(happened.provided(2));
    given(...open, happened.held({ kind: 'awaiting-deliverable' }))
      .when(asks.provide(image(1)))
      .then(happened.provided(1));
  });

  it('is no news when it is the same', () => {
    given(happened.requested({ deliverable: image(1) }), happened.matched())
      .when(asks.provide(image(1)))
      .thenNothing();
    given(...open, happened.provided(1), happened.planned(['dev']), happened.started(0, 'dev'))
      .when(asks.provide(image(1)))
      .thenNothing();
  });

  it('stays of its kind', () => {
    given(...open, happened.provided(1))
      .when(asks.provide(RPM))
      .thenThrows('INVALID_INPUT', /is an image/);
  });

  it('is settled with the plan, and for a release that is over', () => {
    given(...open, happened.provided(1), happened.planned(['dev']), happened.started(0, 'dev'))
      .when(asks.provide(image(2)))
      .thenThrows('INVALID_STATE', /is deploying/);
    given(happened.requested(), happened.unmatched())
      .when(asks.provide(image(1)))
      .thenThrows('INVALID_STATE', /unmatched/);
    given(...open, happened.cancelled())
      .when(asks.provide(image(1)))
      .thenThrows('INVALID_STATE', /cancelled/);
  });
});

describe('the configuration', () => {
  const open = [happened.requested(), happened.matched()];

  it('is recorded when it is news', () => {
    given(...open)
      .when(asks.configure(1))
      .then(happened.configured(1));
    given(...open, happened.configured(1))
      .when(asks.configure(1))
      .thenNothing();
    given(...open, happened.configured(1))
      .when(asks.configure(2))
      .then(happened.configured(2));
    given(...open, happened.misconfigured())
      .when(asks.configure(1))
      .then(happened.configured(1));
  });

  it('may have a problem, which is recorded when it is news', () => {
    given(...open)
      .when(asks.misconfigure())
      .then(happened.misconfigured());
    given(...open, happened.misconfigured())
      .when(asks.misconfigure())
      .thenNothing();
    given(...open, happened.misconfigured())
      .when(asks.misconfigure({ line: 4 }))
      .then(happened.misconfigured({ line: 4 }));
    given(...open, happened.configured(1))
      .when(asks.misconfigure())
      .then(happened.misconfigured());
  });

  it('comes too late for a release that is planned or over', () => {
    for (const end of [[happened.planned(['dev']), happened.started(0, 'dev')], [happened.cancelled()]]) {
      given(...open, ...end)
        .when(asks.configure(1))
        .thenNothing();
      given(...open, ...end)
        .when(asks.misconfigure())
        .thenNothing();
    }
  });
});
