// The kinds of Istio that Waybill writes, as CRDs of Istio itself: an API server then takes and checks them. Nobody routes
// by them without istiod (istiod.mjs). As a program: prints the path of the file for `kubectl apply --server-side -f`;
// takes 1.16 or 1.30, which is meant when none is named.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { installOnce, installedFolder } from './cache.mjs';
import { GO_ENVIRONMENT, requireGo } from './go.mjs';
import { runToEnd } from './progress.mjs';
import { ISTIO_API } from './versions.mjs';

const WANTED = ['virtualservices', 'destinationrules', 'gateways'].map((kind) => `${kind}.networking.istio.io`);

const folderOf = (version) => installedFolder('istio-networking-crds', version);

export function hasIstioCrds() {
  return Object.keys(ISTIO_API).every((version) => existsSync(folderOf(version)));
}

/**
 * Path of a file with the CRDs; fetched once from the Go module proxy.
 * @param {(sentence: string) => void} say
 * @param {keyof typeof ISTIO_API} [version]
 */
export async function istioCrds(say, version = '1.30') {
  if (!Object.hasOwn(ISTIO_API, version)) {
    throw new Error(
      `there are no CRDs of Istio ${version}: there are those of ${Object.keys(ISTIO_API).join(' and ')}`,
    );
  }
  const target = folderOf(version);
  await installOnce(target, (folder) => fetchCrds(folder, version, say), say);
  return join(target, 'crds.yaml');
}

async function fetchCrds(folder, version, say) {
  const go = requireGo('Fetching the CRDs of Istio');
  say(`fetching the CRDs of Istio ${version} …`);
  const env = { ...process.env, ...GO_ENVIRONMENT };
  const module = `istio.io/api@v${ISTIO_API[version]}`;
  const { Dir: source } = JSON.parse(await runToEnd(go, ['mod', 'download', '-json', module], { cwd: folder, env }));
  const all = readFileSync(join(source, 'kubernetes', 'customresourcedefinitions.gen.yaml'), 'utf8').split(/^---$/m);
  const wanted = all.filter((text) => WANTED.some((name) => text.includes(`\n  name: ${name}\n`)));
  if (wanted.length !== WANTED.length) throw new Error(`${module} lacks one of ${WANTED.join(', ')}`);
  writeFileSync(join(folder, 'crds.yaml'), wanted.join('---'));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  console.log(await istioCrds((sentence) => console.error(sentence), process.argv[2]));
}
