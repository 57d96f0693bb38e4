// The kinds of Istio that Waybill writes, as CRDs of Istio itself: an API server then takes and checks them, and nobody
// routes by them. As a program: prints the path of the file for `kubectl apply --server-side -f`.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { installOnce, installedFolder } from './cache.mjs';
import { runToEnd } from './progress.mjs';
import { requireProgram } from './programs.mjs';
import { ISTIO_API_VERSION } from './versions.mjs';

const WANTED = ['virtualservices.networking.istio.io', 'destinationrules.networking.istio.io'];

/**
 * Path of a file with the CRDs; fetched once from the Go module proxy.
 * @param {(sentence: string) => void} say
 */
export async function istioCrds(say) {
  const target = installedFolder('istio-crds', ISTIO_API_VERSION);
  await installOnce(target, (folder) => fetchCrds(folder, say), say);
  return join(target, 'crds.yaml');
}

async function fetchCrds(folder, say) {
  const go = requireProgram('go', 'Fetching the CRDs of Istio');
  say(`fetching the CRDs of Istio ${ISTIO_API_VERSION} …`);
  const env = { ...process.env, GOFLAGS: '-mod=mod', GOWORK: 'off' };
  const module = `istio.io/api@v${ISTIO_API_VERSION}`;
  const { Dir: source } = JSON.parse(await runToEnd(go, ['mod', 'download', '-json', module], { cwd: folder, env }));
  const all = readFileSync(join(source, 'kubernetes', 'customresourcedefinitions.gen.yaml'), 'utf8').split(/^---$/m);
  const wanted = all.filter((text) => WANTED.some((name) => text.includes(`\n  name: ${name}\n`)));
  if (wanted.length !== WANTED.length) throw new Error(`${module} lacks one of ${WANTED.join(', ')}`);
  writeFileSync(join(folder, 'crds.yaml'), wanted.join('---'));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  console.log(await istioCrds((sentence) => console.error(sentence)));
}
