// The five shifts of a canary without pauses, from the beginning of the first to the report of the last, through the
// operator on a real API server: each is applied whole, read back and written down. Against what somebody would type for
// the same: `kubectl apply` of the same VirtualService and a `kubectl get` of it, five times. In turn.
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { connectCluster } from '@waybill/adapters';
import { createInProcessChannel, createMemoryRetained } from '@waybill/channel';
import { presentRecord } from '../../libs/channel/dist/testing/examples.js';
import { releaseCrd, startClusterOperator } from '@waybill/operator';
import { istioCrds } from '../../tools/servers/istio-crds.mjs';
import { MissingServer } from '../../tools/servers/programs.mjs';
import { inFolder, inTurn, medians, report } from './measure.mjs';
import { withServers } from './servers.mjs';

const NAME = 'canary-overhead';
const { values } = parseArgs({ options: { rounds: { type: 'string', default: '21' } } });
const WEIGHTS = [10, 25, 50, 75, 100];
const [OPERATOR, OURS, ANCHOR] = ['waybill-system', 'ours', 'anchor'];
const environment = { project: 'web', slot: 'dev', location: 'here' };

const crds = await istioCrds(console.error).catch((fault) => {
  if (!(fault instanceof MissingServer)) throw fault;
  console.log(`bench ${NAME} skipped, because ${fault.message}`);
  process.exit();
});

await withServers(NAME, { kubernetes: {} }, ({ kubernetes }) =>
  inFolder(async (folder) => {
    const run = (...args) => promisify(execFile)(kubernetes.kubectl, ['--kubeconfig', kubernetes.kubeconfig, ...args]);
    await run('apply', '--server-side', '-f', crds);
    writeFileSync(join(folder, 'crd.json'), JSON.stringify(releaseCrd()));
    await run('apply', '--server-side', '-f', join(folder, 'crd.json'));
    await run('wait', '--for=condition=Established', 'crd', '--all', '--timeout=30s');
    for (const name of [OPERATOR, OURS, ANCHOR]) await run('create', 'namespace', name);

    const cluster = await connectCluster({ kubeconfig: kubernetes.kubeconfig });
    const ledger = startLedger();
    const operator = startClusterOperator({
      channel: ledger.channel,
      cluster,
      location: environment.location,
      namespace: OPERATOR,
      software: 'waybill bench',
      identity: 'bench',
      settleMs: 0,
      log: { info: () => undefined, warn: () => undefined, error: console.error },
    });
    try {
      await ledger.rollOut();
      let applied = 0;
      const rounds = await inTurn({
        async ours() {
          const shifts = await ledger.rollOut();
          if (shifts.length !== WEIGHTS.length) throw new Error(`${shifts.length} shifts were told`);
          const [first] = shifts;
          return shifts.at(-1).heardAt - (Date.parse(first.occurredAt) - first.observation.durationMs);
        },
        async anchor() {
          const route = await routeOf(run);
          const green = applied++ % 2 === 0;
          const files = WEIGHTS.map((weight) => {
            const file = join(folder, `${weight}.json`);
            writeFileSync(file, JSON.stringify(shifted(route, green ? weight : 100 - weight)));
            return { file, text: readFirst(shifted(route, green ? weight : 100 - weight)) };
          });
          const began = Date.now();
          for (const { file, text } of files) {
            await run('apply', '-f', file);
            const { stdout } = await run('get', 'virtualservice', 'web--dev', '-n', ANCHOR, '-o', 'json');
            if (readFirst(JSON.parse(stdout)) !== text) throw new Error(`${stdout} is not ${text}`);
          }
          return Date.now() - began;
        },
        rounds: Number(values.rounds),
      });
      report(NAME, { ...medians(rounds), goal: 1.5, unit: 'ms' });
    } finally {
      await operator.stop();
      await ledger.stop();
      cluster.close();
    }
  }),
);

/** A ledger's side of the channel that asks for one generation after another. */
function startLedger() {
  const channel = createInProcessChannel({ retained: createMemoryRetained() });
  const ending = new AbortController();
  let generation = 0;
  let told = [];
  let end = () => undefined;
  const consumed = channel.consumeReports(async (batch) => {
    const heardAt = Date.now();
    for (const one of batch) {
      if (one.kind !== 'deployment' || one.generation !== generation) continue;
      const { phase } = one.observation;
      if (phase === 'traffic-shifted') told.push({ ...one, heardAt });
      if (phase === 'healthy') end();
      if (phase === 'failed' || phase === 'rejected') throw new Error(JSON.stringify(one.observation));
    }
  }, ending.signal);
  return {
    channel,
    async rollOut() {
      generation++;
      told = [];
      const done = new Promise((resolve) => (end = resolve));
      await channel.publish(presentRecord(environment, generation, versioned(generation)));
      await done;
      return told;
    },
    async stop() {
      ending.abort();
      await consumed;
      await channel.close();
    },
  };
}

function versioned(generation) {
  return (desired) => ({
    ...desired,
    strategy: { type: 'canary', steps: WEIGHTS.map((weight) => ({ weight, pauseSeconds: 0 })) },
    deliverable: {
      kind: 'image',
      image: 'registry.example/app',
      digest: `sha256:${generation.toString(16).padStart(64, '0')}`,
    },
    resources: ['kubernetes', 'istio'].map((kind) => ({
      resource: `${kind}-here`,
      kind,
      parameters: { namespace: OURS },
      connection: null,
    })),
  });
}

/** What Waybill applied, as a file that somebody would keep. */
async function routeOf(run) {
  const { stdout } = await run('get', 'virtualservice', 'web--dev', '-n', OURS, '-o', 'json');
  const { apiVersion, kind, metadata, spec } = JSON.parse(stdout);
  const { name, labels, annotations } = metadata;
  return { apiVersion, kind, metadata: { name, labels, annotations, namespace: ANCHOR }, spec };
}

function shifted(route, weight) {
  const [rule] = route.spec.http;
  const { host, port } = rule.route[0].destination;
  const shares = { blue: 100 - weight, green: weight };
  const to = Object.entries(shares).filter(([, share]) => share > 0);
  return {
    ...route,
    spec: {
      ...route.spec,
      http: [{ ...rule, route: to.map(([subset, share]) => ({ destination: { host, subset, port }, weight: share })) }],
    },
  };
}

function readFirst({ spec }) {
  return spec.http[0].route.map(({ destination, weight }) => `${destination.subset} ${weight}`).join();
}
