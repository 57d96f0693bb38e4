import { type Variable, flagOf } from './configuration.js';

const VARIABLES: Readonly<Record<Variable, string>> = {
  WAYBILL_LOCATION: 'the location this operator serves',
  WAYBILL_CHANNEL: 'Kafka, such as kafka://localhost:9092?prefix=…',
  WAYBILL_KUBECONFIG: 'kubeconfig (KUBECONFIG, then ~/.kube/config, then the service account)',
  WAYBILL_CONTEXT: 'context of the kubeconfig (the current one)',
  WAYBILL_NAMESPACE: 'namespace of the Releases and the lease (waybill-system)',
  WAYBILL_LISTEN: 'address of /metrics, /healthz and /readyz; port 0 takes a free one (127.0.0.1:7071)',
  WAYBILL_IDENTITY: 'name of this process in the lease (host name and process id)',
  WAYBILL_UNIQUE_IDENTITY: 'true: no other process ever has this name, its lease is taken back at once (false)',
  WAYBILL_PROGRESS_DEADLINE: 'seconds from applied to rolled out (600)',
  WAYBILL_DRIFT_POLICY: 'what to do about changes by others: heal or report (heal)',
  WAYBILL_DRIFT_INTERVAL: 'seconds within which everything is compared once more (600)',
};

const ACTIONS = [
  ['--print-manifests', 'print CRD, RBAC and Deployment for kubectl apply and end'],
  ['--without-crd-rules', 'print the CRD without its rules, for Kubernetes before 1.25'],
  ['--help', 'print this and end'],
] as const;

/** What `--help` prints: flags with their variables, meanings and (defaults), one a line. */
export function helpText(): string {
  const rows = Object.entries(VARIABLES).map(
    ([variable, meaning]) => [`--${flagOf(variable as Variable)}`, variable, meaning] as const,
  );
  const lines = [...rows, ...ACTIONS.map(([flag, meaning]) => [flag, '', meaning] as const)].map(
    ([flag, variable, meaning]) => `  ${flag.padEnd(21)} ${variable.padEnd(26)} ${meaning}`,
  );
  return ['The Waybill operator of one cluster. A flag goes before its variable.', '', ...lines].join('\n');
}
