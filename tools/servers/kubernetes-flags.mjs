/**
 * Flags of an API server on 127.0.0.1 that every version knows.
 * @param {{ etcdUrl: string, keys: { public: string, private: string }, tokens: string, port: number, pki: string,
 *   runtimeConfig: Record<string, boolean> }} options paths, and what is served instead of what a version serves by itself
 */
export function apiserverFlags({ etcdUrl, keys, tokens, port, pki, runtimeConfig }) {
  // https://kubernetes.io/docs/reference/using-api/#enabling-or-disabling
  const served = Object.entries(runtimeConfig).map(([name, isServed]) => `${name}=${isServed}`);
  return [
    `--etcd-servers=${etcdUrl}`,
    '--bind-address=127.0.0.1',
    '--advertise-address=127.0.0.1',
    `--secure-port=${port}`,
    `--cert-dir=${pki}`,
    '--endpoint-reconciler-type=none',
    '--service-cluster-ip-range=10.0.0.0/24',
    '--allow-privileged=true',
    '--authorization-mode=RBAC',
    `--token-auth-file=${tokens}`,
    '--service-account-issuer=https://kubernetes.default.svc',
    `--service-account-key-file=${keys.public}`,
    `--service-account-signing-key-file=${keys.private}`,
    ...(served.length > 0 ? [`--runtime-config=${served.join()}`] : []),
  ];
}
