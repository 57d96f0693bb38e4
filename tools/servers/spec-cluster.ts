import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const TIMEOUT_MS = 20_000;

/** Paths: of a StartedKubernetes, and of the cluster that a suite shares. */
export interface ClusterPaths {
  kubeconfig: string;
  kubectl: string;
}

/**
 * Installs VirtualService, DestinationRule and Gateway as that Istio brings them, over another's too, and resolves once
 * they are served. 1.16 serves v1beta1 and v1alpha3, 1.30 also v1.
 */
export async function installIstioCrds(cluster: ClusterPaths, version: '1.16' | '1.30'): Promise<void> {
  const { stdout: file } = await run(process.execPath, [join(__dirname, 'istio-crds.mjs'), version]);
  await kubectl(cluster, 'apply', '--server-side', '--force-conflicts', '-f', file.trim());
  const group = 'networking.istio.io';
  for (const served of ['v1beta1', 'v1alpha3', ...(version === '1.30' ? ['v1'] : [])]) {
    await serving(cluster, `${group}/${served}`, 'virtualservices', true);
    await serving(cluster, `${group}/${served}`, 'destinationrules', true);
    await serving(cluster, `${group}/${served}`, 'gateways', true);
  }
  if (version === '1.16') await serving(cluster, `${group}/v1`, 'virtualservices', false);
}

/**
 * Has a version of a CRD served or not, and resolves once the cluster says so.
 * @param crd such as `virtualservices.networking.istio.io`
 * @param version such as `v1alpha3`; what is stored stays as it is
 */
export async function serveCrdVersion(
  cluster: ClusterPaths,
  crd: string,
  version: string,
  served: boolean,
): Promise<void> {
  interface Definition {
    spec: { group: string; names: { plural: string }; versions: { name: string }[] };
  }
  const { spec } = JSON.parse(await kubectl(cluster, 'get', 'crd', crd, '-o', 'json')) as Definition;
  const place = spec.versions.findIndex(({ name }) => name === version);
  if (place === -1) throw new Error(`${crd} has no version ${version}`);
  const at = `/spec/versions/${place}`;
  const patch = [
    { op: 'test', path: `${at}/name`, value: version },
    { op: 'replace', path: `${at}/served`, value: served },
  ];
  await kubectl(cluster, 'patch', 'crd', crd, '--type=json', '-p', JSON.stringify(patch));
  await serving(cluster, `${spec.group}/${version}`, spec.names.plural, served);
}

/** Plural names of what `autoscaling/v2` or the like serves; none when the version is not served at all. */
export async function servedResources(cluster: ClusterPaths, groupVersion: string): Promise<string[]> {
  let text: string;
  try {
    text = await kubectl(cluster, 'get', '--raw', `/apis/${groupVersion}`);
  } catch (error) {
    if (String(error).includes('NotFound')) return [];
    throw error;
  }
  const { resources } = JSON.parse(text) as { resources: { name: string }[] };
  return resources.map(({ name }) => name);
}

/** Resolves once the cluster serves a resource of such a version, or no longer. */
export async function serving(
  cluster: ClusterPaths,
  groupVersion: string,
  plural: string,
  wanted: boolean,
): Promise<void> {
  const deadline = Date.now() + TIMEOUT_MS;
  while ((await servedResources(cluster, groupVersion)).includes(plural) !== wanted) {
    if (Date.now() > deadline) {
      throw new Error(`${groupVersion} ${plural} is ${wanted ? 'not' : 'still'} served after ${TIMEOUT_MS / 1000} s`);
    }
  }
}

async function kubectl({ kubeconfig, kubectl: program }: ClusterPaths, ...args: string[]): Promise<string> {
  const { stdout } = await run(program, ['--kubeconfig', kubeconfig, ...args], { maxBuffer: 2 ** 26 });
  return stdout;
}
