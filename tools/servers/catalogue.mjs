import { installedFolder } from './cache.mjs';
import { findKafka } from './kafka.mjs';
import { installKafka } from './kafka-install.mjs';
import { installKubernetes } from './kubernetes-install.mjs';
import { hasKubernetes, requireKubernetes } from './kubernetes-programs.mjs';
import { findPostgres, NO_POSTGRES } from './postgres.mjs';
import { MissingServer, findProgram } from './programs.mjs';
import { KAFKA_VERSION, KUBERNETES_VERSION } from './versions.mjs';

/**
 * What can be installed and started. `given` is the variable that names a running server to use instead; `isInstalled`
 * is true when it can be started at once, `installsSoon` when it can be had within a minute; `enable` is what a person
 * does to have it; `use` says how to reach the one that runs.
 */
export const SERVERS = {
  kubernetes: {
    title: 'Kubernetes',
    version: KUBERNETES_VERSION,
    isInstalled: () => hasKubernetes(),
    installsSoon: () => false,
    enable: 'npm run servers -- install kubernetes',
    async install(say) {
      await installKubernetes(say);
      requireKubernetes();
      return process.env.KUBEBUILDER_ASSETS || installedFolder('kubernetes', KUBERNETES_VERSION);
    },
    use: ({ kubeconfig, kubectl }) => `export KUBECONFIG=${kubeconfig}    # ${kubectl} get nodes`,
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
