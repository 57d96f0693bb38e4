// A pattern that makes backtracking engines exponential, at length 10,000 (ours) and 1,000 (anchor): linear is 10.
import { compileRules, matchRef } from '@waybill/domain';
import { interleaved, report } from './measure.mjs';

const ROUNDS = 15;
const REPEATS = 40;

const compiled = compileRules([
  {
    name: 'hostile',
    kind: 'branch',
    pattern: '^(a+)+$',
    resources: ['kubernetes-dev'],
    tier: 'dev',
    directory: 'hostile',
    strategy: { type: 'rolling' },
    approvals: 0,
    stages: [],
    onConfigChange: 'nothing',
    onFailure: 'nothing',
  },
]);

/** All a, and at the end what makes the match fail. */
const hostile = (length) => ({ kind: 'branch', name: `${'a'.repeat(length - 1)}!` });

function timesOver(ref) {
  return () => {
    for (let i = 0; i < REPEATS; i++) if (matchRef(compiled, ref)) throw new Error('matched');
  };
}

const times = interleaved({ ours: timesOver(hostile(10_000)), anchor: timesOver(hostile(1_000)), rounds: ROUNDS });
report('branch-match-hostile', { ...times, goal: 12, unit: 'ms' });
