// 10,000 branch rules against refs: Waybill (re2js, linear time) vs the same list tried in order with JS RegExp.
// Both sides are compiled beforehand and warmed up; a round looks up every ref once.
import { compileRules, matchRef } from '@waybill/domain';
import { interleaved, report } from './measure.mjs';

const RULES = 10_000;
const ROUNDS = 15;

/** What long lists of rules look like: one set a team, most anchored, some looking for a word anywhere. */
const SHAPES = [
  (n) => `^team${n}-feature(-[a-z0-9]+)+$`,
  (n) => `^release-${n}\\.([0-9]+)(\\.[0-9]+)*$`,
  (n) => `^service${n}$`,
  (n) => `^(feature|bugfix|hotfix)/svc${n}-.+$`,
  (n) => `-rc${n}$`,
  (n) => `^users/[a-z]+/topic${n}(/.*)?$`,
  (n) => `^(?i)hotfix-${n}-[a-z]+$`,
  (n) => `^lt-${n}-([0-9]+)(.[0-9]+)*$`,
];

const patterns = Array.from({ length: RULES }, (_, n) => SHAPES[n % SHAPES.length](n));
const rules = patterns.map((pattern, n) => ({
  name: `rule-${n}`,
  kind: 'branch',
  pattern,
  resources: ['kubernetes-dev'],
  tier: 'dev',
  directory: `rule-${n}`,
  strategy: { type: 'rolling' },
  approvals: 0,
  stages: [],
  onConfigChange: 'nothing',
  onFailure: 'nothing',
}));

const names = [
  'main',
  'feature-login',
  'team4000-feature-login-page',
  'release-9993.4.1',
  'service5002',
  'bugfix/svc7003-broken-cart',
  'something-else-rc9996',
  'users/ada/topic8005/part-2',
  'HOTFIX-3006-crash',
  'lt-9999-3.1',
  'team9999999-feature-none',
  'dependabot/npm_and_yarn/webpack-5.99.0',
];

const compiled = compileRules(rules);
// JS has no leading (?i): the flag says the same.
const expressions = patterns.map((pattern) =>
  pattern.includes('(?i)') ? new RegExp(pattern.replace('(?i)', ''), 'i') : new RegExp(pattern),
);
const ours = () => names.map((name) => matchRef(compiled, { kind: 'branch', name })?.index ?? -1);
const anchor = () => names.map((name) => expressions.findIndex((expression) => expression.test(name)));

const [a, b] = [ours(), anchor()];
if (a.join() !== b.join()) throw new Error(`Waybill and RegExp disagree: ${a} and ${b}`);

report('branch-match', { ...interleaved({ ours, anchor, rounds: ROUNDS }), goal: 2, unit: 'ms' });
