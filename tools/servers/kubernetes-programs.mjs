import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { installedFolder } from './cache.mjs';
import { MissingServer, isProgram } from './programs.mjs';
import { ETCD_VERSION, KUBERNETES_VERSION, KWOK_VERSION } from './versions.mjs';

const INSTALL = 'npm run servers -- install kubernetes';
const KUBERNETES_PROGRAMS = ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kubectl'];

/**
 * The programs of a control plane: of KUBEBUILDER_ASSETS, else the installed ones. Throws the sentence that says what is
 * lacking.
 * @returns {Record<'etcd' | 'kube-apiserver' | 'kube-controller-manager' | 'kube-scheduler' | 'kubectl' | 'kwok' |
 *   'stages', string>} paths
 */
export function requireKubernetes(version = KUBERNETES_VERSION, environment = process.env) {
  const kwok = installedFolder('kwok', KWOK_VERSION, environment);
  const assets = environment.KUBEBUILDER_ASSETS;
  const own = join(installedFolder('kubernetes', version, environment), 'bin');
  const programs = {
    etcd: join(assets || join(installedFolder('etcd', ETCD_VERSION, environment), 'bin'), 'etcd'),
    ...Object.fromEntries(KUBERNETES_PROGRAMS.map((name) => [name, join(assets || own, name)])),
  };
  const lacking = Object.keys(programs).filter((name) => !isProgram(programs[name]));
  if (lacking.length > 0) {
    throw new MissingServer(
      assets
        ? `KUBEBUILDER_ASSETS (${assets}) lacks ${lacking.join(', ')}: put them there, or unset it and run ${INSTALL}`
        : `Kubernetes ${version} is not installed: run ${INSTALL} (about 5 minutes, once), or set KUBEBUILDER_ASSETS`,
    );
  }
  const stages = join(kwok, 'stages.yaml');
  if (!existsSync(stages)) {
    throw new MissingServer(`kwok ${KWOK_VERSION}, which plays the node, is not installed: run ${INSTALL}`);
  }
  return { ...programs, kwok: join(kwok, 'bin', 'kwok'), stages };
}

/** False when something is lacking. */
export function hasKubernetes(version = KUBERNETES_VERSION, environment = process.env) {
  try {
    requireKubernetes(version, environment);
    return true;
  } catch (error) {
    if (error instanceof MissingServer) return false;
    throw error;
  }
}
