// Istio's control plane beside a Kubernetes, outside the cluster: it reads the cluster's objects and tells over xDS what
// every sidecar would be told. Nothing is injected and nothing is validated by it. As a program: see as-program.mjs;
// without --options it reads the Kubernetes that `npm run servers -- start kubernetes` has started.
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { PROGRAM_OPTIONS, runAsProgram } from './as-program.mjs';
import { runningServer } from './background.mjs';
import { requireIstio } from './istiod-install.mjs';
import { dataFolder, freePorts, startKeeper, supervise } from './processes.mjs';
import { MissingServer } from './programs.mjs';

const run = promisify(execFile);

const ENVIRONMENT = {
  POD_NAME: 'istiod',
  POD_NAMESPACE: 'istio-system',
  REVISION: 'default',
  CLUSTER_ID: 'Kubernetes',
  INJECTION_WEBHOOK_CONFIG_NAME: '',
  VALIDATION_WEBHOOK_CONFIG_NAME: '',
  // One process a cluster, and a test that kills it must not wait until a lease has run out.
  ENABLE_LEADER_ELECTION: 'false',
  // Changes that come one soon after the other are else told as one: a test wants to see each.
  PILOT_DEBOUNCE_AFTER: '10ms',
};

/**
 * Starts istiod on free ports of 127.0.0.1; the cluster gets the namespace `istio-system`. Rejects with one sentence when
 * it is not installed, with its words when it does not start.
 * @param {{ kubeconfig: string, kubectl: string }} kubernetes paths
 * @returns {Promise<{ address: string, xds: string, logFile: string, pid: number, kill: () => Promise<void>,
 *   pause: () => void, resume: () => void, restart: () => Promise<void>, stop: () => Promise<void> }>} `address`:
 *   `host:port` of xDS without TLS; `xds`: path of the program that asks there, see xds/main.go; the rest as a Program
 *   of kubernetes.mjs
 */
export async function startIstiod({ kubeconfig, kubectl }) {
  const programs = requireIstio();
  const folder = dataFolder('istiod');
  const keeper = startKeeper(folder);
  try {
    const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: ENVIRONMENT.POD_NAMESPACE } };
    const file = join(folder, 'namespace.json');
    writeFileSync(file, JSON.stringify(namespace));
    await run(kubectl, ['--kubeconfig', kubeconfig, 'apply', '--server-side', '-f', file]);
    const mesh = join(folder, 'mesh.yaml');
    writeFileSync(mesh, 'accessLogFile: ""\n');
    const [http, grpc, secureGrpc, https, monitoring, control] = await freePorts(6);
    const local = (port) => `127.0.0.1:${port}`;
    const istiod = supervise({
      name: 'istiod',
      program: programs.istiod,
      args: [
        'discovery',
        `--kubeconfig=${kubeconfig}`,
        `--meshConfig=${mesh}`,
        `--httpAddr=${local(http)}`,
        `--grpcAddr=${local(grpc)}`,
        `--secureGRPCAddr=${local(secureGrpc)}`,
        `--httpsAddr=${local(https)}`,
        `--monitoringAddr=${local(monitoring)}`,
        `--ctrlz_port=${control}`,
      ],
      folder,
      keeper,
      env: { ...process.env, ...ENVIRONMENT },
      ready: async (signal) => (await fetch(`http://${local(http)}/ready`, { signal })).ok,
    });
    await istiod.start();
    return {
      address: local(grpc),
      xds: programs.xds,
      logFile: istiod.log,
      get pid() {
        return istiod.pid;
      },
      kill: () => istiod.kill(),
      pause: istiod.pause,
      resume: istiod.resume,
      restart: istiod.restart,
      stop: () => keeper.end(),
    };
  } catch (error) {
    await keeper.end();
    throw error;
  }
}

function kubernetesInTheBackground() {
  const found = runningServer('kubernetes');
  if (found) return found;
  throw new MissingServer('istiod needs a Kubernetes: run npm run servers -- start kubernetes');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({ options: { ...PROGRAM_OPTIONS, options: { type: 'string' } } });
  const cluster = () => (values.options ? JSON.parse(values.options) : kubernetesInTheBackground());
  await runAsProgram('istiod', async () => startIstiod(cluster()), values);
}
