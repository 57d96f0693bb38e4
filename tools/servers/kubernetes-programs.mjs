import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { installedFolder } from './cache.mjs';
import { MissingServer, isProgram } from './programs.mjs';
import { ETCD_VERSION, KUBERNETES, KUBERNETES_VERSION, KWOK_VERSION } from './versions.mjs';

/**
 * The programs of a control plane: of KUBEBUILDER_ASSETS, else the installed ones. An old one has its own API server,
 * controllers and scheduler, and the rest from the usual one. Throws the sentence that says what is lacking.
 * @returns {Record<'etcd' | 'kube-apiserver' | 'kube-controller-manager' | 'kube-scheduler' | 'kubectl' | 'kwok' |
 *   'stages', string>} paths
 */
export function requireKubernetes(version = KUBERNETES_VERSION, environment = process.env) {
  const install = `npm run servers -- install ${kubernetesServer(version)}`;
  const kwok = installedFolder('kwok', KWOK_VERSION, environment);
  const assets = environment.KUBEBUILDER_ASSETS;
  const built = (of) => join(installedFolder('kubernetes', of, environment), 'bin');
  const programs = {
    etcd: join(assets || join(installedFolder('etcd', ETCD_VERSION, environment), 'bin'), 'etcd'),
    ...placed(KUBERNETES[KUBERNETES_VERSION].programs, assets || built(KUBERNETES_VERSION)),
    ...(version !== KUBERNETES_VERSION && placed(KUBERNETES[version].programs, built(version))),
  };
  const lacking = Object.keys(programs).filter((name) => !isProgram(programs[name]));
  if (lacking.length > 0) {
    throw new MissingServer(
      assets && version === KUBERNETES_VERSION
        ? `KUBEBUILDER_ASSETS (${assets}) lacks ${lacking.join(', ')}: put them there, or unset it and run ${install}`
        : `Kubernetes ${version} is not installed: run ${install} (about 5 minutes, once)${
            version === KUBERNETES_VERSION ? ', or set KUBEBUILDER_ASSETS' : ''
          }`,
    );
  }
  const stages = join(kwok, 'stages.yaml');
  if (!existsSync(stages)) {
    throw new MissingServer(`kwok ${KWOK_VERSION}, which plays the node, is not installed: run ${install}`);
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

function placed(names, folder) {
  return Object.fromEntries(names.map((name) => [name, join(folder, name)]));
}

/** What `npm run servers` calls it. */
export function kubernetesServer(version) {
  return version === KUBERNETES_VERSION ? 'kubernetes' : `kubernetes-${version.split('.').slice(0, 2).join('.')}`;
}
