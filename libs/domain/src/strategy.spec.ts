import { describe, expect, it } from '@jest/globals';
import { DefinedStrategy, Strategy, rolloutSteps, strategyAt } from './strategy.js';

const measured = { intervalSeconds: 10, count: 3, failureLimit: 1 };
const http = { type: 'http', url: 'http://{slot}.health.example:8080/ready', ...measured };
const prometheus = {
  type: 'prometheus',
  address: 'http://prometheus.monitoring:9090',
  query: 'rate(errors{slot="{slot}"}[1m])',
  max: 0.05,
  ...measured,
};
const steps = (...weights: number[]) => weights.map((weight) => ({ weight, pauseSeconds: 0 }));
const canary = (...weights: number[]) => ({ type: 'canary', steps: steps(...weights) });

const faultsOf = (strategy: unknown): [string, string][] =>
  (DefinedStrategy.safeParse(strategy).error?.issues ?? []).map(({ path, message }) => [path.join('.'), message]);

describe('a strategy as it is defined', () => {
  it.each([
    [{ type: 'rolling' }],
    [canary(100)],
    [canary(10, 50, 100)],
    [{ ...canary(10, 100), analysis: http }],
    [{ ...canary(10, 100), analysis: { ...prometheus, min: 0.01 } }],
    [{ type: 'blue-green', autoPromote: false }],
    [
      {
        type: 'blue-green',
        autoPromote: true,
        previewHost: '{slot}-next.shop.example',
        analysis: http,
        retainSeconds: 60,
      },
    ],
  ])('may be %j', (strategy) => {
    expect(faultsOf(strategy)).toEqual([]);
  });

  it.each([
    ['steps', canary(), /.*/],
    ['steps.1.weight', canary(10, 50), /the weights end at 50 and must come to 100/],
    ['steps.1.weight', canary(50, 10, 100), /above the one before \(50\)/],
    ['steps.1.weight', canary(50, 50, 100), /above the one before/],
    ['steps.0.weight', canary(0, 100), /.*/],
    ['steps.0.weight', canary(101), /.*/],
    ['steps.0.pauseSeconds', { type: 'canary', steps: [{ weight: 100, pauseSeconds: -1 }] }, /.*/],
    ['steps.0.pauseSeconds', { type: 'canary', steps: [{ weight: 100 }] }, /.*/],
    ['retainSeconds', { type: 'blue-green', autoPromote: true, retainSeconds: -1 }, /.*/],
    ['previewHost', { type: 'blue-green', autoPromote: true, previewHost: 'http://shop' }, /host name/],
  ])('is refused by its %s: %j', (field, strategy, words) => {
    const faults = faultsOf(strategy);
    expect(faults.map(([path]) => path)).toContain(field);
    expect(faults.find(([path]) => path === field)?.[1]).toMatch(words);
  });

  it.each([
    ['analysis.max', { ...prometheus, max: undefined }, /give a threshold/],
    ['analysis.min', { ...prometheus, min: 1 }, /must not be above max/],
    ['analysis.failureLimit', { ...http, failureLimit: 3 }, /below count \(3\)/],
    ['analysis.count', { ...http, count: 0 }, /.*/],
    ['analysis.intervalSeconds', { ...http, intervalSeconds: 0 }, /.*/],
    ['analysis.expectStatus', { ...http, expectStatus: 99 }, /.*/],
    ['analysis.url', { ...http, url: 'http://anna:secret@health.example/' }, /holds credentials/],
    ['analysis.url', { ...http, url: 'http://@health.example/' }, /holds credentials/],
    ['analysis.url', { ...http, url: 'ftp://health.example/' }, /http:\/\/ or https:\/\//],
    ['analysis.url', { ...http, url: 'health' }, /not a URL/],
    ['analysis.address', { ...prometheus, address: 'https://u@prometheus' }, /holds credentials/],
    ['analysis.query', { ...prometheus, query: ' ' }, /is empty/],
  ])('is refused by its %s', (field, analysis, words) => {
    const faults = faultsOf({ ...canary(10, 100), analysis });
    expect(faults[0]?.[0]).toBe(field);
    expect(faults[0]?.[1]).toMatch(words);
    expect(JSON.stringify(faults)).not.toContain('secret');
  });

  it('asks no credentials of an analysis that are written into the query of its URL either', () => {
    expect(faultsOf({ ...canary(100), analysis: { ...http, url: 'http://health.example/?mail=a@b' } })).toEqual([]);
  });
});

describe('a strategy of an old event', () => {
  const old = Strategy.parse(canary(10, 50));

  it('may stop below 100, and is rolled out to 100 all the same', () => {
    expect(rolloutSteps(old)).toEqual([...steps(10, 50), { weight: 100, pauseSeconds: 0 }]);
  });
});

describe('the steps of a rollout', () => {
  it.each([
    [{ type: 'rolling' } as const, []],
    [Strategy.parse(canary(20, 100)), steps(20, 100)],
    [{ type: 'blue-green', autoPromote: false, retainSeconds: 30 } as const, [{ weight: 100, pauseSeconds: 30 }]],
    [{ type: 'blue-green', autoPromote: true } as const, [{ weight: 100, pauseSeconds: 0 }]],
  ])('of %j', (strategy, expected) => {
    expect(rolloutSteps(strategy)).toEqual(expected);
  });
});

describe('a strategy at a slot', () => {
  it('has the slot wherever it may stand, and nothing else changed', () => {
    const previewHost = '{slot}-next.shop.example';
    const given = Strategy.parse({ type: 'blue-green', autoPromote: true, previewHost, analysis: http });
    expect(strategyAt(given, 'login')).toEqual({
      type: 'blue-green',
      autoPromote: true,
      previewHost: 'login-next.shop.example',
      analysis: { ...http, expectStatus: 200, timeoutSeconds: 5, url: 'http://login.health.example:8080/ready' },
    });
    expect(strategyAt(Strategy.parse({ ...canary(100), analysis: prometheus }), 'login')).toMatchObject({
      analysis: { query: 'rate(errors{slot="login"}[1m])' },
    });
    expect(strategyAt({ type: 'rolling' }, 'login')).toEqual({ type: 'rolling' });
  });
});
