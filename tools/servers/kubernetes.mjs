// A Kubernetes of its own for tests, benchmarks and the example: API server, etcd, controllers, scheduler and one
// simulated node (kwok) on which pods become ready without being run. Its data is in a temporary folder that goes when
// it ends. As a program: see as-program.mjs; `--options` takes those of startKubernetes as JSON.
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { PROGRAM_OPTIONS, runAsProgram } from './as-program.mjs';
import { apiserverFlags } from './kubernetes-flags.mjs';
import { requireKubernetes } from './kubernetes-programs.mjs';
import { apiClient, kubeconfigText, node } from './kubernetes-objects.mjs';
import { dataFolder, freePorts, startKeeper, supervise } from './processes.mjs';
import { KUBERNETES, KUBERNETES_VERSION, kubernetesVersion } from './versions.mjs';

const POD_STAGES = fileURLToPath(new URL('pod-stages.yaml', import.meta.url));
const READY_TIMEOUT_MS = 60_000;

/** One of 1.24 waits a minute for its watches; what it has is in etcd. */
const APISERVER_PATIENCE_MS = 3000;

/** One of 1.24 does not end at all when it is asked to; it has nothing to save. */
const SCHEDULER_PATIENCE_MS = 1000;

/** Who may come in: the group `system:masters` is Kubernetes' own and may do everything; the other has no rights yet. */
const USERS = { admin: ['system:masters'], operator: ['waybill:operators'], stranger: [] };

/**
 * Starts a control plane on free ports of 127.0.0.1. Rejects with one sentence when it is not installed, with the words
 * of the program that did not start.
 * @param {{ version?: string, runtimeConfig?: RuntimeConfig, folder?: string, users?: Record<string, string[]>,
 *   apiserverFlags?: string[] }} [options] `version`: of those in versions.mjs, in whole or its first two parts;
 *   `folder`: for its data, empty or absent; `users`: groups by user name, beside `admin`, `operator` (group
 *   `waybill:operators`, no rights until some are bound) and `stranger` (never any)
 * @returns {Promise<Kubernetes>}
 *
 * @typedef {Record<string, boolean>} RuntimeConfig what is served beside or instead of what the version serves by
 *   itself, such as `{ 'autoscaling/v2': false }`
 * @typedef {{ name: string, pid: number, kill: () => Promise<void>, pause: () => void, resume: () => void,
 *   restart: () => Promise<void> }} Program `kill` is SIGKILL, `pause` SIGSTOP; `restart` starts it with the same port
 *   and data, whether it runs or not, and resolves when it is ready
 * @typedef {{ version: string, url: string, kubeconfig: string, operatorKubeconfig: string,
 *   kubeconfigs: Record<string, string>, caFile: string, kubectl: string, logs: string, apiserver: Program,
 *   etcd: Program, controllers: Program, scheduler: Program, kwok: Program,
 *   revoke: (user: string) => Promise<void>,
 *   upgrade: (to: { version?: string, runtimeConfig?: RuntimeConfig }) => Promise<string>,
 *   stop: () => Promise<void> }} Kubernetes `kubeconfig…`, `caFile`,
 *   `kubectl` and `logs` are paths; `revoke` makes a user's token worthless, which restarts the API server; `upgrade`
 *   goes on as another version, or serving other APIs, with the same address, tokens and data, and resolves with
 *   the whole version; `stop` removes everything
 */
export async function startKubernetes({
  version: wanted = KUBERNETES_VERSION,
  runtimeConfig = {},
  folder: given,
  users = {},
  apiserverFlags: moreFlags = [],
} = {}) {
  let version = kubernetesVersion(wanted);
  const programs = requireKubernetes(version);
  const folder = dataFolder('kubernetes', given);
  const keeper = startKeeper(folder);
  try {
    const [etcdPort, peerPort, port, innerPort, controllersPort, schedulerPort] = await freePorts(6);
    const logs = join(folder, 'logs');
    mkdirSync(logs);
    const caFile = join(folder, 'pki', 'apiserver.crt');
    const url = `https://127.0.0.1:${port}`;
    const people = writeTokens(folder, { ...USERS, ...users });
    const kubeconfigs = Object.fromEntries(
      Object.entries(people).map(([user, { token }]) => {
        const file = join(folder, `${user}.kubeconfig`);
        writeFileSync(file, kubeconfigText({ url, caFile, user, token }), { mode: 0o600 });
        return [user, file];
      }),
    );
    const keys = writeServiceAccountKeys(folder);
    const ask = (path, options) => apiClient({ url, caFile, token: people.admin.token })(path, options);
    const isReady = (client) => async (signal) => (await client('/readyz', { signal })).status === 200;
    const run = (name, args, ready, patienceMs) =>
      supervise({ name, program: programs[name], args, folder: logs, keeper, ready, patienceMs });
    const started = () => Promise.resolve(true);

    const etcdUrl = `http://127.0.0.1:${etcdPort}`;
    const etcdFlags = ['--data-dir', join(folder, 'etcd'), '--unsafe-no-fsync', '--listen-client-urls', etcdUrl];
    const peers = ['--advertise-client-urls', etcdUrl, '--listen-peer-urls', `http://127.0.0.1:${peerPort}`];
    const etcd = run(
      'etcd',
      [...etcdFlags, ...peers],
      async (signal) => (await fetch(`${etcdUrl}/readyz`, { signal })).ok,
    );
    const flags = (of, at) => [
      ...apiserverFlags({ etcdUrl, keys, tokens: join(folder, 'tokens.csv'), ...at }),
      ...KUBERNETES[of].apiserverFlags,
      ...moreFlags,
    ];
    const front = (of, config) => flags(of, { port, pki: join(folder, 'pki'), runtimeConfig: config });
    const server = (name, args, client) =>
      supervise({
        name,
        program: programs['kube-apiserver'],
        args,
        folder: logs,
        keeper,
        patienceMs: APISERVER_PATIENCE_MS,
        ready: isReady(client),
      });
    const apiserver = server('kube-apiserver', front(version, runtimeConfig), ask);

    // The controllers and the scheduler ask for the newest versions and do nothing until they are there, so that beside an
    // API server without them there is one with all, on the same data, for these two alone.
    const inner = innerAddress(folder, innerPort, people.admin.token);
    const back = (of) => flags(of, { port: innerPort, pki: inner.pki, runtimeConfig: {} });
    const innerServer = server('kube-apiserver-of-controllers', back(version), inner.ask);
    let apart = lacks(runtimeConfig);

    const as = (kubeconfig) => `--kubeconfig=${kubeconfig}`;
    const local = (ownPort) => ['--leader-elect=false', '--bind-address=127.0.0.1', `--secure-port=${ownPort}`];
    const asController = () => as(apart ? inner.kubeconfig : kubeconfigs.admin);
    const controllersArgs = () => [
      asController(),
      ...local(controllersPort),
      `--service-account-private-key-file=${keys.private}`,
    ];
    const controllers = run('kube-controller-manager', controllersArgs(), started);
    const schedulerArgs = () => [asController(), ...local(schedulerPort)];
    const scheduler = run('kube-scheduler', schedulerArgs(), started, SCHEDULER_PATIENCE_MS);
    const stages = join(folder, 'stages.yaml');
    writeFileSync(stages, [programs.stages, POD_STAGES].map((file) => readFileSync(file, 'utf8')).join('\n---\n'));
    const kwok = run(
      'kwok',
      [
        as(kubeconfigs.admin),
        `--config=${stages}`,
        '--manage-all-nodes=true',
        '--cidr=10.1.0.0/16',
        '--node-ip=127.0.0.1',
        '--node-lease-duration-seconds=40',
      ],
      started,
    );

    await etcd.start();
    // In this order: at its start an API server takes what it does not serve out of the list of versions in etcd, and one
    // that has put something there does so only once (kube-aggregator's autoregister controller).
    if (apart) await innerServer.start();
    await apiserver.start();
    if (apart) await unlisted(ask, runtimeConfig);
    await Promise.all([controllers.start(), scheduler.start(), kwok.start()]);
    await ask('/api/v1/nodes', { method: 'POST', body: node('node-1') });
    await settled(ask, [controllers, scheduler, kwok]);
    // With this on the PATH or by its path: the kubectl that fits, and the kubeconfig that goes with it.
    const kubectl = programs.kubectl;
    return {
      get version() {
        return version;
      },
      url,
      kubeconfig: kubeconfigs.admin,
      operatorKubeconfig: kubeconfigs.operator,
      kubeconfigs,
      caFile,
      kubectl,
      logs,
      etcd,
      apiserver,
      controllers,
      scheduler,
      kwok,
      async revoke(user) {
        delete people[user];
        writeTokenFile(folder, people);
        await apiserver.restart();
      },
      async upgrade({ version: to = version, runtimeConfig: config = {} }) {
        const before = { version, apart };
        const next = requireKubernetes(kubernetesVersion(to));
        version = kubernetesVersion(to);
        apart = lacks(config);
        apiserver.become({ program: next['kube-apiserver'], args: front(version, config) });
        innerServer.become({ program: next['kube-apiserver'], args: back(version) });
        controllers.become({ program: next['kube-controller-manager'], args: controllersArgs() });
        scheduler.become({ program: next['kube-scheduler'], args: schedulerArgs() });
        await (apart ? innerServer.restart() : innerServer.kill());
        await apiserver.restart();
        if (apart) await unlisted(ask, config);
        if (version !== before.version || apart || before.apart) {
          await Promise.all([controllers.restart(), scheduler.restart()]);
        }
        return version;
      },
      stop: () => keeper.end(),
    };
  } catch (error) {
    await keeper.end();
    throw error;
  }
}

/** True when something that is served by itself is not. */
function lacks(runtimeConfig) {
  return Object.values(runtimeConfig).includes(false);
}

/** Waits until discovery no longer has what is switched off. */
async function unlisted(ask, runtimeConfig) {
  const off = Object.keys(runtimeConfig).filter((name) => !runtimeConfig[name]);
  const deadline = Date.now() + READY_TIMEOUT_MS;
  for (;;) {
    const { body } = await ask('/apis');
    const listed = body.groups.flatMap(({ versions }) => versions.map(({ groupVersion }) => groupVersion));
    const still = off.filter((name) => listed.includes(name));
    if (still.length === 0) return;
    if (Date.now() > deadline) throw new Error(`${still.join(', ')} is switched off and still listed`);
    await delay(50);
  }
}

/** Where the API server for the controllers is, with certificates of its own. */
function innerAddress(folder, port, token) {
  const pki = join(folder, 'pki-of-controllers');
  const place = { url: `https://127.0.0.1:${port}`, caFile: join(pki, 'apiserver.crt') };
  const kubeconfig = join(folder, 'controllers.kubeconfig');
  writeFileSync(kubeconfig, kubeconfigText({ ...place, user: 'admin', token }), { mode: 0o600 });
  return { pki, kubeconfig, ask: apiClient({ ...place, token }) };
}

function writeTokens(folder, groups) {
  const people = Object.fromEntries(
    Object.entries(groups).map(([user, of]) => [user, { token: randomBytes(24).toString('hex'), groups: of }]),
  );
  writeTokenFile(folder, people);
  return people;
}

/** https://kubernetes.io/docs/reference/access-authn-authz/authentication/#static-token-file; read at the start only. */
function writeTokenFile(folder, people) {
  const lines = Object.entries(people).map(
    ([user, { token, groups }], index) => `${token},${user},${index + 1},"${groups.join(',')}"\n`,
  );
  writeFileSync(join(folder, 'tokens.csv'), lines.join(''), { mode: 0o600 });
}

function writeServiceAccountKeys(folder) {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  const files = { private: join(folder, 'service-accounts.key'), public: join(folder, 'service-accounts.pub') };
  writeFileSync(files.private, privateKey, { mode: 0o600 });
  writeFileSync(files.public, publicKey);
  return files;
}

/** Waits until a pod would be placed and started: the node is ready, and the default service account is there. */
async function settled(ask, programs) {
  const deadline = Date.now() + READY_TIMEOUT_MS;
  for (;;) {
    const [seen, account] = await Promise.all([
      ask('/api/v1/nodes/node-1'),
      ask('/api/v1/namespaces/default/serviceaccounts/default'),
    ]);
    const ready = seen.body?.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True');
    if (ready && !seen.body.spec.taints && account.status === 200) return;
    if (Date.now() > deadline) {
      const files = programs.map(({ log }) => log).join(', ');
      throw new Error(`the node is not ready after ${READY_TIMEOUT_MS / 1000} s: see ${files}`);
    }
    await delay(50);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({ options: { ...PROGRAM_OPTIONS, options: { type: 'string' } } });
  await runAsProgram('kubernetes', () => startKubernetes(JSON.parse(values.options ?? '{}')), values);
}
