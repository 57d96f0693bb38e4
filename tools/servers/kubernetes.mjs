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
import { requireKubernetes } from './kubernetes-programs.mjs';
import { apiClient, kubeconfigText, node } from './kubernetes-objects.mjs';
import { dataFolder, freePorts, startKeeper, supervise } from './processes.mjs';
import { KUBERNETES, KUBERNETES_VERSION, kubernetesVersion } from './versions.mjs';

const POD_STAGES = fileURLToPath(new URL('pod-stages.yaml', import.meta.url));
const READY_TIMEOUT_MS = 60_000;

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
  apiserverFlags = [],
} = {}) {
  let version = kubernetesVersion(wanted);
  const programs = requireKubernetes(version);
  const folder = dataFolder('kubernetes', given);
  const keeper = startKeeper(folder);
  try {
    const [etcdPort, peerPort, port, controllersPort, schedulerPort] = await freePorts(5);
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
    const isReady = (path) => async (signal) => (await ask(path, { signal })).status === 200;
    const run = (name, args, ready) => supervise({ name, program: programs[name], args, folder: logs, keeper, ready });
    const started = () => Promise.resolve(true);

    const etcdUrl = `http://127.0.0.1:${etcdPort}`;
    const etcdFlags = ['--data-dir', join(folder, 'etcd'), '--unsafe-no-fsync', '--listen-client-urls', etcdUrl];
    const peers = ['--advertise-client-urls', etcdUrl, '--listen-peer-urls', `http://127.0.0.1:${peerPort}`];
    const etcd = run(
      'etcd',
      [...etcdFlags, ...peers],
      async (signal) => (await fetch(`${etcdUrl}/readyz`, { signal })).ok,
    );
    const apiserverArgs = [
      `--etcd-servers=${etcdUrl}`,
      '--bind-address=127.0.0.1',
      '--advertise-address=127.0.0.1',
      `--secure-port=${port}`,
      `--cert-dir=${join(folder, 'pki')}`,
      '--endpoint-reconciler-type=none',
      '--service-cluster-ip-range=10.0.0.0/24',
      '--allow-privileged=true',
      '--authorization-mode=RBAC',
      `--token-auth-file=${join(folder, 'tokens.csv')}`,
      '--service-account-issuer=https://kubernetes.default.svc',
      `--service-account-key-file=${keys.public}`,
      `--service-account-signing-key-file=${keys.private}`,
      ...apiserverFlags,
    ];
    const flags = (of, config) => [...apiserverArgs, ...KUBERNETES[of].apiserverFlags, ...servedFlags(config)];
    const apiserver = run('kube-apiserver', flags(version, runtimeConfig), isReady('/readyz'));
    const as = `--kubeconfig=${kubeconfigs.admin}`;
    const local = (ownPort) => ['--leader-elect=false', '--bind-address=127.0.0.1', `--secure-port=${ownPort}`];
    const controllersArgs = [as, ...local(controllersPort), `--service-account-private-key-file=${keys.private}`];
    const controllers = run('kube-controller-manager', controllersArgs, started);
    const schedulerArgs = [as, ...local(schedulerPort)];
    const scheduler = run('kube-scheduler', schedulerArgs, started);
    const stages = join(folder, 'stages.yaml');
    writeFileSync(stages, [programs.stages, POD_STAGES].map((file) => readFileSync(file, 'utf8')).join('\n---\n'));
    const kwok = run(
      'kwok',
      [
        as,
        `--config=${stages}`,
        '--manage-all-nodes=true',
        '--cidr=10.1.0.0/16',
        '--node-ip=127.0.0.1',
        '--node-lease-duration-seconds=40',
      ],
      started,
    );

    await etcd.start();
    await apiserver.start();
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
        const next = kubernetesVersion(to);
        const { 'kube-apiserver': program, ...others } = requireKubernetes(next);
        apiserver.become({ program, args: flags(next, config) });
        await apiserver.restart();
        if (next === version) return version;
        controllers.become({ program: others['kube-controller-manager'], args: controllersArgs });
        scheduler.become({ program: others['kube-scheduler'], args: schedulerArgs });
        await Promise.all([controllers.restart(), scheduler.restart()]);
        return (version = next);
      },
      stop: () => keeper.end(),
    };
  } catch (error) {
    await keeper.end();
    throw error;
  }
}

/** https://kubernetes.io/docs/reference/using-api/#enabling-or-disabling */
function servedFlags(runtimeConfig) {
  const pairs = Object.entries(runtimeConfig).map(([name, served]) => `${name}=${served}`);
  return pairs.length > 0 ? [`--runtime-config=${pairs.join()}`] : [];
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
