// The built ledger and operator as processes of their own, as they run in production: Kafka between them, a real
// cluster behind. A profile of both is had by `node --cpu-prof --cpu-prof-dir=… tests/bench/<name>.bench.mjs`.
import { execFileSync, spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';

const { connect, kubectlOf, operatorKubeconfig, operatorToken, prepareCluster } = createRequire(import.meta.url)(
  '@waybill/example',
);

export const LOCATION = 'dev';
/** Where the Releases are. */
export const NAMESPACE = 'waybill-system';
/** Where the services' objects go. */
export const TARGET = 'shop';
/** Who the operator is for the API server. */
export const OPERATOR_USER = `system:serviceaccount:${NAMESPACE}:waybill-operator`;

const root = fileURLToPath(new URL('../..', import.meta.url));
/** A child of a benchmark that was killed ends too. */
const END_WITH_PARENT = pathToFileURL(join(root, 'tools/setup/end-with-parent.mjs')).href;

/** The n-th commit id and image digest: what differs from release to release. */
export const nth = (n) => createHash('sha256').update(`release ${n}`).digest('hex');

/**
 * Starts both, with one project `shop` whose branches `dev` and `dev-…` go to the cluster.
 * @param {{ kafka: { brokers: string[] }, kubernetes: object }} servers
 * @param {string} folder for data and repositories
 * @param {{ replicas: number }} service
 * @returns {Promise<{ url: string, operator: { url: string, pid: number }, prefix: string,
 *   kubectl: (args: string[], input?: string) => Promise<string>,
 *   addLocation: (location: string, server: object) => Promise<(args: string[], input?: string) => Promise<string>>,
 *   ask: (document: string, variables?: object) => Promise<any>,
 *   request: (branch: string, n: number) => Promise<string>, settled: (id: string) => Promise<void>,
 *   stop: () => Promise<void> }>} `request` asks for a release and gives its id; `settled` rejects when it is not healthy
 */
export async function startProduct({ kafka, kubernetes }, folder, { replicas }) {
  const prefix = `bench-${randomBytes(4).toString('hex')}-`;
  const channel = `kafka://${kafka.brokers.join()}?prefix=${prefix}`;
  const kubectl = kubectlOf(kubernetes);
  const running = [];
  const stop = () => Promise.all(running.map((process) => process.stop()));
  try {
    await prepareCluster(kubectl, { location: LOCATION, namespace: NAMESPACE, target: TARGET, channel });
    const data = join(folder, 'data');
    const ledger = await start('apps/ledger/dist/main.js', { WAYBILL_DATA: data, WAYBILL_CHANNEL: channel });
    running.push(ledger);
    const { ask } = connect(ledger.url, readFileSync(join(data, 'admin-token'), 'utf8').trim());
    await onboard(ask, folder, replicas);
    const startOperator = async (location, at) => {
      const operator = await start('apps/operator/dist/main.js', {
        WAYBILL_LOCATION: location,
        WAYBILL_CHANNEL: channel,
        WAYBILL_KUBECONFIG: await writeKubeconfig(at, folder, location),
        WAYBILL_NAMESPACE: NAMESPACE,
      });
      running.push(operator);
      await untilReady(`${operator.url}/readyz`);
      return operator;
    };
    const operator = await startOperator(LOCATION, kubectl);
    /** Another location, in a cluster of its own, with its operator. */
    const addLocation = async (location, server) => {
      const at = kubectlOf(server);
      await prepareCluster(at, { location, namespace: NAMESPACE, target: TARGET, channel });
      await onboardLocation(ask, location);
      await startOperator(location, at);
      return at;
    };
    const asking = { ask, request: requests(ask), settled: settling(ask) };
    return { url: ledger.url, operator, prefix, kubectl, addLocation, ...asking, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function start(program, env) {
  const flags = [...process.execArgv, '--import', END_WITH_PARENT, join(root, program)];
  const child = spawn(process.execPath, flags, {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    env: { ...process.env, WAYBILL_LISTEN: '127.0.0.1:0', ...env },
  });
  const ended = new Promise((done) => child.once('exit', done));
  const said = [];
  createInterface({ input: child.stderr }).on('line', (line) => said.push(line));
  const listening = new Promise((done) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      const url = /listening on (http\S+)/.exec(line)?.[1];
      if (url) done(url);
    });
  });
  const url = await Promise.race([
    listening,
    ended.then((code) => {
      throw new Error(`${program} ended with code ${code} before it listened: ${said.join('\n')}`);
    }),
  ]);
  return {
    url,
    pid: child.pid,
    async stop() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

/** The service account's, which may do what infra/operator allows and nothing else. */
async function writeKubeconfig(kubectl, folder, location) {
  const tokenFile = join(folder, `${location}.token`);
  writeFileSync(tokenFile, await operatorToken(kubectl, { namespace: NAMESPACE }, ['--duration=2h']), { mode: 0o600 });
  const file = join(folder, `${location}.kubeconfig`);
  writeFileSync(file, await operatorKubeconfig(kubectl, tokenFile), { mode: 0o600 });
  return file;
}

async function untilReady(url, timeoutMs = 60_000) {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const answer = await fetch(url);
    if (answer.ok) return;
    if (Date.now() > deadline) throw new Error(`the operator is still ${await answer.text()}`);
    await delay(50);
  }
}

async function onboard(ask, folder, replicas) {
  const config = join(folder, 'config');
  const git = (...args) =>
    execFileSync('git', ['-C', config, '-c', 'user.name=Bench', '-c', 'user.email=bench@localhost', ...args]);
  const file = join(config, 'shop/dev/waybill.yaml');
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `replicas: ${replicas}\ncpu: 100m\nmemory: 64Mi\nenv:\n  GREETING: hello\n`);
  git('init', '-q', '-b', 'main');
  git('add', '-A');
  git('commit', '-q', '-m', 'Configure shop');
  const send = sending(ask);
  await onboardLocation(ask, LOCATION);
  await send('registerProject', 'RegisterProjectInput', { key: 'shop' });
  const sections = {
    DEVELOPER: {
      sourceRepository: join(folder, 'source'),
      deliverable: { kind: 'image', repository: 'registry.example/shop' },
      ports: [{ name: 'http', port: 8080 }],
      config: { repository: config },
    },
    BUSINESS: { owner: 'ann', productLine: 'shop' },
    DEVOPS: { quotas: { maxReplicas: 5 } },
  };
  for (const [section, metadata] of Object.entries(sections)) {
    await send('submitMetadata', 'SubmitMetadataInput', { project: 'shop', section, metadata });
  }
  const rules = [
    { name: 'dev', branch: '^dev(-[0-9]+)?$', resources: ['kubernetes-dev'], tier: 'dev', directory: 'dev' },
  ];
  await send('defineRules', 'DefineRulesInput', { project: 'shop', rules });
}

const sending = (ask) => (mutation, type, input) =>
  ask(`mutation Onboard($input: ${type}!) { ${mutation}(input: $input) { position } }`, { input });

async function onboardLocation(ask, location) {
  const send = sending(ask);
  await send('onboardLocation', 'LocationInput', { key: location, delivery: { kind: 'cluster' } });
  await send('onboardResource', 'ResourceInput', {
    key: `kubernetes-${location}`,
    location,
    kind: 'kubernetes',
    parameters: { namespace: TARGET },
  });
}

const requests = (ask) => async (branch, n) => {
  const { requestRelease } = await ask(
    'mutation Request($input: RequestReleaseInput!) { requestRelease(input: $input) { release { id } } }',
    {
      input: {
        project: 'shop',
        ref: { name: branch },
        commit: nth(n).slice(0, 40),
        deliverable: { kind: 'image', image: 'registry.example/shop', digest: `sha256:${nth(n)}` },
      },
    },
  );
  return requestRelease.release.id;
};

const settling = (ask) => async (id) => {
  const { settledRelease } = await ask(
    `query Settled($id: ID!) { settledRelease(id: $id, timeoutSeconds: 25) {
       state outcome reason locations { state message }
     } }`,
    { id },
  );
  if (settledRelease.outcome !== 'healthy') throw new Error(`release ${id}: ${JSON.stringify(settledRelease)}`);
};
