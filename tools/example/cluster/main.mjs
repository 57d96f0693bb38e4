// npm run example:cluster [-- --once]: Kafka, two Kubernetes control planes and the product on them, with one operator
// per location; sends the reference example through, shows what kubectl and the ledger say, and serves until Ctrl-C.
// With --once it ends by itself. Nothing of it is kept.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { istioCrds } from '../../servers/istio-crds.mjs';
import { build, install, requirePrograms } from '../../setup/install.mjs';
import { onNpmGone } from '../../setup/npm-gone.mjs';
import { runProgram, startProgram } from './product.mjs';
import { installServers, startServer } from './servers.mjs';
import { sideBySide } from './side-by-side.mjs';

const { values: flags } = parseArgs({ options: { once: { type: 'boolean', default: false } } });

/** Production is a cluster of its own. */
const CLUSTERS = [
  { name: 'the cluster of branches', locations: ['dev', 'feature', 'release', 'lt'] },
  { name: 'the cluster of production', locations: ['prod1', 'prod2'] },
];

requirePrograms();
install();
build();
const { kubectlOf, operatorKubeconfig, operatorToken, prepareCluster, untilServed } = await import('@waybill/example');

const say = (sentence) => console.error(sentence);
const folder = mkdtempSync(join(tmpdir(), 'waybill-example-'));
/** What is to be ended, the last started first. */
const running = [];
let askedToEnd;
const end = new Promise((resolve) => (askedToEnd = resolve));
let stopping = false;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, stop);
onNpmGone(stop);

function stop() {
  stopping = true;
  askedToEnd();
}

try {
  // Whatever is being waited for when the signal comes is given up; what was started by then is ended below.
  await Promise.race([show(), end]);
  if (!stopping && !flags.once) await end;
} catch (error) {
  if (!stopping) {
    console.error(`The example stopped: ${error.message}`);
    process.exitCode = 1;
  }
} finally {
  stopping = true;
  if (!flags.once) say('Ending …');
  await endAll();
}
process.exit();

async function show() {
  await installServers(say);
  const crds = await istioCrds(say);
  say('Starting Kafka and two Kubernetes control planes …');
  const [kafka, ...planes] = await Promise.all([
    started(startServer('kafka')),
    ...CLUSTERS.map(() => started(startServer('kubernetes'))),
  ]);
  const channel = `kafka://${kafka.brokers.join()}`;
  const data = join(folder, 'data');
  mkdirSync(data, { mode: 0o700 });
  say('Starting the ledger …');
  const ledger = await started(
    startProgram('apps/ledger/dist/main.js', {
      WAYBILL_DATA: data,
      WAYBILL_CHANNEL: channel,
      WAYBILL_LISTEN: process.env.WAYBILL_LISTEN || '127.0.0.1:0',
    }),
  );
  const clusters = CLUSTERS.map((cluster, i) => ({ ...cluster, plane: planes[i], kubectl: kubectlOf(planes[i]) }));
  for (const { name, locations, kubectl } of clusters) {
    say(`Preparing ${name} and starting an operator each for ${locations.join(', ')} …`);
    await kubectl(['apply', '--server-side', '-f', crds]);
    await untilServed(kubectl, 'virtualservices.networking.istio.io');
    await Promise.all(locations.map((location) => operate(location, kubectl, channel)));
  }
  const env = { WAYBILL_URL: ledger.url, WAYBILL_DATA: data };
  const code = await runProgram('tools/example/dist/main.js', ['--cluster'], env);
  if (code !== 0) throw new Error(`it did not get to its end (${code}); the ledger said:\n${ledger.said()}`);
  console.log(`\n${await sideBySide(clusters, env)}`);
  if (!flags.once) greet(clusters, ledger.url, data);
}

/** One operator process, with the rights that `--print-manifests` gives it and no others. */
async function operate(location, kubectl, channel) {
  const namespace = `waybill-${location}`;
  await prepareCluster(kubectl, { location, namespace, target: location, channel });
  const tokenFile = join(folder, `${location}.token`);
  const kubeconfig = join(folder, `${location}.kubeconfig`);
  const token = await operatorToken(kubectl, { namespace }, ['--duration', '24h']);
  writeFileSync(tokenFile, token, { mode: 0o600 });
  writeFileSync(kubeconfig, await operatorKubeconfig(kubectl, tokenFile), { mode: 0o600 });
  await started(
    startProgram('apps/operator/dist/main.js', {
      WAYBILL_LOCATION: location,
      WAYBILL_CHANNEL: channel,
      WAYBILL_NAMESPACE: namespace,
      WAYBILL_KUBECONFIG: kubeconfig,
      WAYBILL_LISTEN: '127.0.0.1:0',
    }),
  );
}

/** Remembers what has to be ended; what comes too late for that is ended at once. */
async function started(starting) {
  const one = await starting;
  if (stopping) await one.stop();
  else running.push(one);
  return one;
}

/** Operators and ledger first: they need their servers until they have ended. */
async function endAll() {
  const servers = running.filter((one) => one.owner !== undefined);
  const programs = running.filter((one) => one.owner === undefined);
  await Promise.all(programs.map((one) => one.stop()));
  await Promise.all(servers.map((one) => one.stop()));
  rmSync(folder, { recursive: true, force: true });
}

function greet(clusters, url, data) {
  console.log(`\nWaybill is at ${url}; in another terminal:`);
  console.log(`  export WAYBILL_URL=${url} WAYBILL_DATA=${data}`);
  console.log('  npx waybill branch delete a feature-pay     # and watch it go');
  for (const { name, plane } of clusters) {
    console.log(`  ${plane.kubectl} --kubeconfig ${plane.kubeconfig} get releases -A    # ${name}`);
  }
  console.log('Ctrl-C ends it; nothing of it is kept.');
}
