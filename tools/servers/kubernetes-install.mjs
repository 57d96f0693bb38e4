import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { installOnce, installedFolder } from './cache.mjs';
import { runToEnd, runWithProgress } from './progress.mjs';
import { MissingServer, requireProgram } from './programs.mjs';
import {
  ETCD_VERSION,
  KUBERNETES,
  KUBERNETES_VERSION,
  KWOK_VERSION,
  kubernetesLinkerFlags,
  kubernetesModule,
} from './versions.mjs';

const PROGRAMS = ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kubectl'];

/** kwok's module has no stages of its own in the program: what a node and its pods do is in these of its files. */
const STAGES = [
  'node/fast/node-initialize.yaml',
  'pod/fast/pod-ready.yaml',
  'pod/fast/pod-complete.yaml',
  'pod/fast/pod-delete.yaml',
  'pod/chaos/pod-container-running-failed.yaml',
];

/**
 * Builds with Go what of a control plane is missing. Needs about 4 GB for Go's own caches.
 * @param {(sentence: string) => void} say
 */
export async function installKubernetes(say, version = KUBERNETES_VERSION) {
  const go = requireGo(KUBERNETES[version].go);
  await installOnce(installedFolder('kwok', KWOK_VERSION), (folder) => buildKwok(go, folder, say), say);
  // KUBEBUILDER_ASSETS names a folder that has the rest.
  if (process.env.KUBEBUILDER_ASSETS) return;
  await installOnce(installedFolder('etcd', ETCD_VERSION), (folder) => buildEtcd(go, folder, say), say);
  await installOnce(installedFolder('kubernetes', version), (folder) => buildKubernetes(go, version, folder, say), say);
}

/** The user's own flags and modes of Go are not for this build. */
const ENVIRONMENT = { GOTOOLCHAIN: 'local', GOFLAGS: '-mod=mod -buildvcs=false', CGO_ENABLED: '0', GOWORK: 'off' };

async function buildKubernetes(go, version, folder, say) {
  const packages = PROGRAMS.map((name) => `k8s.io/kubernetes/cmd/${name}`);
  const flags = kubernetesLinkerFlags(version);
  const what = `building Kubernetes ${version}`;
  await build(go, folder, kubernetesModule(version), flags, packages, (...run) =>
    runWithProgress(say, what, 'about 4 minutes on two cores', ...run),
  );
}

async function buildEtcd(go, folder, say) {
  // A module of our own as well: etcd's has replaces, which `go install …@version` refuses.
  const server = 'go.etcd.io/etcd/server/v3';
  const module = `module servers\ngo 1.24\nrequire ${server} v${ETCD_VERSION}\n`;
  await build(go, folder, module, '-s -w', [server], (...run) =>
    runWithProgress(say, `building etcd ${ETCD_VERSION}`, 'about half a minute', ...run),
  );
  // Go names the program after the last part of the package that is not a version.
  renameSync(join(folder, 'bin', 'server'), join(folder, 'bin', 'etcd'));
}

async function buildKwok(go, folder, say) {
  const module = `sigs.k8s.io/kwok@v${KWOK_VERSION}`;
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  const env = { ...process.env, ...ENVIRONMENT, GOBIN: bin };
  const install = ['install', '-trimpath', '-ldflags', '-s -w', module.replace('@', '/cmd/kwok@')];
  await runWithProgress(say, `building kwok ${KWOK_VERSION}`, 'about a minute', go, install, { cwd: folder, env });
  const { Dir: source } = JSON.parse(await runToEnd(go, ['mod', 'download', '-json', module], { cwd: folder, env }));
  const stages = STAGES.map((file) => readFileSync(join(source, 'kustomize', 'stage', file), 'utf8'));
  writeFileSync(join(folder, 'stages.yaml'), stages.join('\n---\n'));
}

async function build(go, folder, module, flags, packages, run) {
  const work = join(folder, 'module');
  const bin = join(folder, 'bin');
  mkdirSync(work);
  mkdirSync(bin);
  writeFileSync(join(work, 'go.mod'), module);
  const env = { ...process.env, ...ENVIRONMENT };
  await run(go, ['build', '-trimpath', '-ldflags', flags, '-o', `${bin}/`, ...packages], { cwd: work, env });
  rmSync(work, { recursive: true });
}

function requireGo(oldest) {
  const go = requireProgram('go', 'Building Kubernetes');
  const { stdout } = spawnSync(go, ['env', 'GOVERSION'], { encoding: 'utf8', env: { ...process.env, ...ENVIRONMENT } });
  const [, major, minor] = /^go(\d+)\.(\d+)/.exec(stdout) ?? [];
  const [wantedMajor, wantedMinor] = oldest.split('.').map(Number);
  if (Number(major) > wantedMajor || (Number(major) === wantedMajor && Number(minor) >= wantedMinor)) return go;
  throw new MissingServer(`Building Kubernetes needs Go ${oldest} or newer, and ${go} is ${stdout.trim()}`);
}
