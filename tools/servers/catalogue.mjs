import { installedFolder } from './cache.mjs';
import { hasIstioCrds, istioCrds } from './istio-crds.mjs';
import { hasIstio, installIstio, istiodFolder, requireIstio } from './istiod-install.mjs';
import { findKafka } from './kafka.mjs';
import { installKafka } from './kafka-install.mjs';
import { installKubernetes } from './kubernetes-install.mjs';
import { hasKubernetes, kubernetesServer, requireKubernetes } from './kubernetes-programs.mjs';
import { findPostgres, NO_POSTGRES } from './postgres.mjs';
import { MissingServer, findProgram } from './programs.mjs';
import { ISTIO_API, ISTIOD_VERSION, KAFKA_VERSION, KUBERNETES_VERSION, OLD_KUBERNETES_VERSION } from './versions.mjs';

const kubernetes = (version) => ({
  version,
  isInstalled: () => hasKubernetes(version),
  installsSoon: () => false,
  enable: `npm run servers -- install ${kubernetesServer(version)}`,
  async install(say) {
    await installKubernetes(say, version);
    requireKubernetes(version);
    const assets = version === KUBERNETES_VERSION && process.env.KUBEBUILDER_ASSETS;
    return assets || installedFolder('kubernetes', version);
  },
  program: 'kubernetes',
  options: { version },
  use: ({ kubeconfig, kubectl }) => `export KUBECONFIG=${kubeconfig}    # ${kubectl} get nodes`,
});

/**
 * What can be installed and started. `given` is the variable that names a running server to use instead; `isInstalled`
 * is true when it can be started at once, `installsSoon` when it can be had within a minute; `enable` is what a person
 * does to have it; `program` is the module beside this one that starts it, if not of the same name, with `options`; `use`
 * says how to reach the one that runs, and is absent of what is only installed.
 */
export const SERVERS = {
  kubernetes: { title: 'Kubernetes', ...kubernetes(KUBERNETES_VERSION) },
  'kubernetes-1.24': { title: 'old Kubernetes', ...kubernetes(OLD_KUBERNETES_VERSION) },
  'istio-crds': {
    title: 'CRDs of Istio',
    version: Object.keys(ISTIO_API).join(', '),
    isInstalled: hasIstioCrds,
    installsSoon: () => findProgram('go') !== undefined,
    enable: 'npm run servers -- install istio-crds',
    async install(say) {
      const files = [];
      for (const version of Object.keys(ISTIO_API)) files.push(await istioCrds(say, version));
      return files.join(' and ');
    },
  },
  istiod: {
    title: 'istiod',
    version: ISTIOD_VERSION.split('-')[2].slice(0, 7),
    isInstalled: () => hasIstio() && hasIstioCrds(),
    installsSoon: () => false,
    enable: 'npm run servers -- install istiod',
    async install(say) {
      await installIstio(say);
      requireIstio();
      return istiodFolder();
    },
    use: ({ address, xds }) => `${xds} --address ${address} --namespace default --route 80`,
  },
  kafka: {
    title: 'Kafka',
    version: KAFKA_VERSION,
    given: 'KAFKA_BROKERS',
    isInstalled: () => findKafka() !== undefined && findProgram('java') !== undefined,
    installsSoon: () => findProgram('java') !== undefined && findProgram('mvn') !== undefined,
    enable: 'npm run servers -- install kafka',
    async install(say, { signal } = {}) {
      await installKafka(say, { signal });
      return process.env.KAFKA_HOME || installedFolder('kafka', KAFKA_VERSION);
    },
    use: ({ brokers }) => `export KAFKA_BROKERS=${brokers.join()}`,
  },
  postgres: {
    title: 'PostgreSQL',
    version: 'any',
    given: 'DATABASE_URL',
    isInstalled: () => findPostgres() !== undefined,
    installsSoon: () => false,
    enable: 'apt-get install postgresql',
    /** The one server that we take as we find it. */
    async install() {
      const found = findPostgres();
      if (!found) throw new MissingServer(NO_POSTGRES);
      return found;
    },
    use: ({ url }) => `export DATABASE_URL=${url}`,
  },
};
