import { describe, it } from '@jest/globals';
import { domainSpec } from '../testing/domain-spec.js';
import { ANNA, BERT, CLEO, EARLIER, PIPELINE, POLICY, asks, happened, image, ruleOf } from '../testing/releases.js';
import { releaseDecider } from './decide.js';
import type { ReleaseEvent } from './events.js';

const given = domainSpec(releaseDecider);
const opened = [happened.requested(), happened.matched(ruleOf({ approvals: 1 }))];
const ready = [...opened, happened.provided(1), happened.configured(1)];
const deploying = [...ready, happened.planned(['dev'], ['prod']), happened.started(0, 'dev')];
const completed = [
  ...ready,
  happened.planned(['dev']),
  happened.started(0, 'dev'),
  happened.concluded('dev', 'healthy'),
  happened.completed('healthy'),
];

describe('approving', () => {
  it('binds what is known of deliverable, configuration and rules', () => {
    given(...ready)
      .when(asks.approve(BERT))
      .then(happened.approved(BERT, 1));
  });

  it('counts once for the same content, and anew for other content', () => {
    given(...ready, happened.approved(BERT, 1))
      .when(asks.approve(BERT))
      .thenNothing();
    given(...ready, happened.approved(BERT, 1))
      .when(asks.approve(CLEO))
      .then(happened.approved(CLEO, 1));
    given(...ready, happened.approved(BERT, 1), happened.provided(2), happened.configured(2))
      .when(asks.approve(BERT))
      .then(happened.approved(BERT, 2));
  });

  it('is for approvers, whom the error names', () => {
    given(...ready)
      .when(asks.approve(BERT, [CLEO.id]))
      .thenThrows('FORBIDDEN', /p-bert0000 may not approve releases of a/, /p-cleo0000/);
    given(...ready)
      .when(asks.approve({ ...BERT, kind: 'service' }))
      .thenThrows('FORBIDDEN');
    given(...ready)
      .when(asks.approve(BERT, []))
      .thenThrows('FORBIDDEN', /may not approve/, /business metadata/);
  });

  it('is not for who requested it', () => {
    given(...ready)
      .when(asks.approve(ANNA))
      .thenThrows('FORBIDDEN', /requested by p-anna0000/, /p-bert0000, p-cleo0000/);
    given(...ready)
      .when(asks.approve(ANNA, [ANNA.id]))
      .thenThrows('FORBIDDEN', /requested by/, /Nobody else/);
  });

  it('waits until it is known what is approved', () => {
    given(...opened)
      .when(asks.approve(BERT))
      .thenThrows('INVALID_STATE', /deliverable and configuration is not known/);
    given(...opened, happened.provided(1))
      .when(asks.approve(BERT))
      .thenThrows('INVALID_STATE', /its configuration is/);
    given(...opened, happened.configured(1))
      .when(asks.approve(BERT))
      .thenThrows('INVALID_STATE', /its deliverable is/);
  });

  it('has no place where no approval is needed', () => {
    given(happened.requested(), happened.matched(), happened.provided(1), happened.configured(1))
      .when(asks.approve(BERT))
      .thenThrows('INVALID_STATE', /needs no approval/, /Rule dev asks for none/);
    given(
      happened.requested({ trigger: 'rollback', reuses: EARLIER, deliverable: image(1), metadataRevision: 2 }),
      happened.matched(ruleOf({ approvals: 1 })),
      happened.configured(1),
    )
      .when(asks.approve(BERT))
      .thenThrows('INVALID_STATE', /needs no approval/, /approved before/);
  });

  it('comes too late once it is planned or over', () => {
    for (const history of [deploying, completed, [...ready, happened.refused()], [...ready, happened.cancelled()]]) {
      given(...history)
        .when(asks.approve(BERT))
        .thenThrows('INVALID_STATE', /can no longer be approved/);
    }
  });
});

describe('refusing', () => {
  it('ends the release, also before anything of it is known', () => {
    given(...opened)
      .when(asks.refuse(BERT))
      .then(happened.refused());
    given(...ready, happened.held({ kind: 'awaiting-config' }))
      .when(asks.refuse(BERT))
      .then(happened.refused());
  });

  it('is for approvers', () => {
    given(...ready)
      .when(asks.refuse(BERT, [CLEO.id]))
      .thenThrows('FORBIDDEN', /may not refuse/, /p-cleo0000/);
    given(...ready)
      .when(asks.refuse(POLICY))
      .thenThrows('FORBIDDEN');
  });

  it('twice is once', () => {
    given(...ready, happened.refused())
      .when(asks.refuse(CLEO))
      .thenNothing();
  });

  it('comes too late once it is planned or over', () => {
    given(...deploying)
      .when(asks.refuse(BERT))
      .thenThrows('INVALID_STATE', /is deploying/, /roll back/);
    given(...ready, happened.cancelled())
      .when(asks.refuse(BERT))
      .thenThrows('INVALID_STATE', /is cancelled/);
  });
});

describe('cancelling', () => {
  it.each<[string, ReleaseEvent[]]>([
    ['is gathered for', opened],
    ['is held', [...opened, happened.held({ kind: 'awaiting-config' })]],
    ['is being deployed', deploying],
  ])('ends a release that %s', (_, history) => {
    given(...history)
      .when(asks.cancel())
      .then(happened.cancelled());
    given(...history)
      .when(asks.cancel('branch-deleted', POLICY))
      .then(happened.cancelled({ cause: 'branch-deleted', by: null }));
    given(...history)
      .when(asks.cancel('requested', PIPELINE))
      .then(happened.cancelled({ by: PIPELINE.id }));
  });

  it('lets what was started conclude, and starts nothing more', () => {
    given(...deploying, happened.cancelled())
      .when(asks.conclude('dev', 'healthy'))
      .then(happened.concluded('dev', 'healthy'));
    given(...deploying, happened.cancelled())
      .when(asks.conclude('dev', 'failed'))
      .then(happened.concluded('dev', 'failed'));
    given(...deploying, happened.cancelled())
      .when(asks.conclude('prod', 'healthy'))
      .thenThrows('INVALID_STATE');
  });

  it('changes nothing about a release that is over', () => {
    const unmatched = [happened.requested(), happened.unmatched()];
    for (const history of [completed, unmatched, [...ready, happened.refused()], [...ready, happened.cancelled()]]) {
      given(...history)
        .when(asks.cancel('branch-deleted', POLICY))
        .thenNothing();
      given(...history)
        .when(asks.cancel())
        .thenThrows('INVALID_STATE', /already/);
    }
  });
});
