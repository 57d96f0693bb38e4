// Plans a second vs JSON clones of the same objects a second: a release with an autoscaler, routes and extra manifests,
// planned for an old and a new cluster in turn, translation, order, identities and inventory hash included.
import { planObjects } from '@waybill/adapters';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { interleaved, report } from './measure.mjs';

const ROUNDS = 15;
/** Of all cases, in a round. */
const TIMES = 100;
/** The golden folders whose plans are compared byte by byte by the tests. */
const CASES = [
  'versions-kubernetes-1.24-istio-1.16',
  'versions-kubernetes-1.36-istio-1.30',
  'versions-network-lifted',
  'versions-workloads-lifted',
];

const folder = fileURLToPath(new URL('../golden/manifests/', import.meta.url));
const json = (path) => JSON.parse(readFileSync(`${folder}${path}`, 'utf8'));
const cases = CASES.map((name) => ({
  desired: json(`${name}/desired.json`),
  capabilities: json(`${name}/capabilities.json`),
}));
const planned = cases.map(({ desired, capabilities }) => planObjects(desired, 7, capabilities).objects);

let kept;
const ours = () => {
  for (let time = 0; time < TIMES; time++) {
    for (const { desired, capabilities } of cases) kept = planObjects(desired, time, capabilities);
  }
};
const anchor = () => {
  for (let time = 0; time < TIMES; time++) {
    for (const objects of planned) kept = JSON.parse(JSON.stringify(objects));
  }
};

const times = interleaved({ ours, anchor, rounds: ROUNDS });
if (!kept) throw new Error('nothing was planned');
const perSecond = (ms) => (TIMES * CASES.length * 1000) / ms;
report('plan', {
  ours: perSecond(times.ours),
  anchor: perSecond(times.anchor),
  goal: 0.05,
  unit: 'plans/s',
  better: 'higher',
});
