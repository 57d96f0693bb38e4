import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { installOnce, installedFolder } from './cache.mjs';
import { GO_ENVIRONMENT, goBuild, requireGo } from './go.mjs';
import { runToEnd, runWithProgress } from './progress.mjs';
import {
  ETCD_VERSION,
  KUBERNETES,
  KUBERNETES_VERSION,
  KWOK_VERSION,
  kubernetesLinkerFlags,
  kubernetesModule,
} from './versions.mjs';

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
  const go = requireGo('Building Kubernetes');
  // An old one stands beside the usual one, whose kubectl serves both.
  if (version !== KUBERNETES_VERSION) {
    await installKubernetes(say);
    return installControlPlane(go, version, say);
  }
  await installOnce(installedFolder('kwok', KWOK_VERSION), (folder) => buildKwok(go, folder, say), say);
  // KUBEBUILDER_ASSETS names a folder that has the rest.
  if (process.env.KUBEBUILDER_ASSETS) return;
  await installOnce(installedFolder('etcd', ETCD_VERSION), (folder) => buildEtcd(go, folder, say), say);
  await installControlPlane(go, version, say);
}

function installControlPlane(go, version, say) {
  return installOnce(
    installedFolder('kubernetes', version),
    (folder) =>
      goBuild(go, folder, {
        module: kubernetesModule(version),
        flags: kubernetesLinkerFlags(version),
        packages: KUBERNETES[version].programs.map((name) => `k8s.io/kubernetes/cmd/${name}`),
        what: `building Kubernetes ${version}`,
        expected: 'about 4 minutes on two cores',
        say,
      }),
    say,
  );
}

async function buildEtcd(go, folder, say) {
  // A module of our own as well: etcd's has replaces, which `go install …@version` refuses.
  const server = 'go.etcd.io/etcd/server/v3';
  await goBuild(go, folder, {
    module: `module servers\ngo 1.24\nrequire ${server} v${ETCD_VERSION}\n`,
    packages: [server],
    what: `building etcd ${ETCD_VERSION}`,
    expected: 'about half a minute',
    say,
  });
  // Go names the program after the last part of the package that is not a version.
  renameSync(join(folder, 'bin', 'server'), join(folder, 'bin', 'etcd'));
}

async function buildKwok(go, folder, say) {
  const module = `sigs.k8s.io/kwok@v${KWOK_VERSION}`;
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  const env = { ...process.env, ...GO_ENVIRONMENT, GOBIN: bin };
  const install = ['install', '-trimpath', '-ldflags', '-s -w', module.replace('@', '/cmd/kwok@')];
  await runWithProgress(say, `building kwok ${KWOK_VERSION}`, 'about a minute', go, install, { cwd: folder, env });
  const { Dir: source } = JSON.parse(await runToEnd(go, ['mod', 'download', '-json', module], { cwd: folder, env }));
  const stages = STAGES.map((file) => readFileSync(join(source, 'kustomize', 'stage', file), 'utf8'));
  writeFileSync(join(folder, 'stages.yaml'), stages.join('\n---\n'));
}
