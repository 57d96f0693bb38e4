// Real servers that a spec starts for itself, to stop, kill and pause them. jest cannot import the modules beside this
// one (they are ESM), so each server is a process of its own that ends with the spec's, and is told what to do.
import { type Faults, faults, startProgram } from './spec-program.js';

export type { Faults } from './spec-program.js';
export { type ClusterPaths, installIstioCrds, serveCrdVersion, servedResources, serving } from './spec-cluster.js';
export {
  type StartedIstiod,
  type XdsAnswer,
  type XdsQuestion,
  type XdsRoute,
  type XdsWatch,
  askXds,
  reachable,
  startIstiod,
  watchXds,
  weightsOf,
} from './spec-istiod.js';

export interface KafkaOptions {
  /** More lines of server.properties, such as an authorizer. */
  settings?: Record<string, string>;
  /** A second listener; `users` are passwords by name; `expired`: its certificate ended yesterday. */
  secured?: {
    protocol: 'SSL' | 'SASL_PLAINTEXT' | 'SASL_SSL';
    users?: Record<string, string>;
    mechanisms?: ('PLAIN' | 'SCRAM-SHA-256' | 'SCRAM-SHA-512')[];
    expired?: boolean;
  };
}

export interface StartedKafka extends Faults {
  /** `host:port`, without TLS and SASL. */
  brokers: string[];
  secured?: { brokers: string[]; protocol: string; caFile?: string };
  logFile: string;
  /** Removes everything. */
  stop(): Promise<void>;
}

export interface KubernetesOptions extends Serving {
  /** Groups by user name, beside `admin` (may do everything) and `operator` (group `waybill:operators`, no rights). */
  users?: Record<string, string[]>;
  apiserverFlags?: string[];
}

/** What an API server is and serves. */
export interface Serving {
  /** 1.36 when left out. */
  version?: KubernetesVersion;
  /** Beside or instead of what the version serves by itself: `OLD_APIS_ONLY`, or such as `{ 'autoscaling/v2': false }`. */
  runtimeConfig?: Record<string, boolean>;
}

export type KubernetesVersion = '1.24' | '1.36';

/** For 1.24: `autoscaling/v2beta2` and `policy/v1beta1` without what replaced them. */
export const OLD_APIS_ONLY = { 'autoscaling/v2': false, 'policy/v1': false };

export interface StartedKubernetes {
  /** In whole, such as 1.24.17. */
  readonly version: string;
  url: string;
  /** Paths of kubeconfig files: the admin's, the operator's, and everybody's by user name. */
  kubeconfig: string;
  operatorKubeconfig: string;
  kubeconfigs: Record<string, string>;
  caFile: string;
  /** Path of the kubectl that fits. */
  kubectl: string;
  /** Folder with a log of each program. */
  logs: string;
  apiserver: Faults;
  etcd: Faults;
  controllers: Faults;
  scheduler: Faults;
  kwok: Faults;
  /** Makes a user's token worthless; restarts the API server for that. */
  revoke(user: string): Promise<void>;
  /**
   * Goes on as another version, or serving other APIs, with the same address, tokens and etcd data. Clients see an API
   * server that is away for some seconds. The version that it has is kept when none is named; without `runtimeConfig`
   * it serves what that version serves by itself.
   */
  upgrade(to: Serving): Promise<void>;
  /** Removes everything. */
  stop(): Promise<void>;
}

/** Rejects with one sentence when Kafka or Java is missing, with the broker's own words when it does not start. */
export async function startKafka(options: KafkaOptions = {}): Promise<StartedKafka> {
  const { told, call, stop } = await startProgram<Omit<StartedKafka, keyof Faults | 'stop'>>('kafka', options);
  return { ...told, ...faults(call, ''), stop };
}

/** Rejects with one sentence when it is not installed, with the words of the program that did not start. */
export async function startKubernetes(options: KubernetesOptions = {}): Promise<StartedKubernetes> {
  type Told = Pick<
    StartedKubernetes,
    'version' | 'url' | 'kubeconfig' | 'operatorKubeconfig' | 'kubeconfigs' | 'caFile' | 'kubectl' | 'logs'
  >;
  const { told, call, stop } = await startProgram<Told>('kubernetes', options);
  let { version } = told;
  return {
    ...told,
    get version() {
      return version;
    },
    apiserver: faults(call, 'apiserver.'),
    etcd: faults(call, 'etcd.'),
    controllers: faults(call, 'controllers.'),
    scheduler: faults(call, 'scheduler.'),
    kwok: faults(call, 'kwok.'),
    revoke: async (user) => void (await call('revoke', user)),
    upgrade: async (to) => {
      version = (await call('upgrade', to)) as string;
    },
    stop,
  };
}
