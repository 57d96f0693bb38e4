import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { installOnce, installedFolder } from './cache.mjs';
import { GO_ENVIRONMENT, goBuild, requireGo } from './go.mjs';
import { istioCrds } from './istio-crds.mjs';
import { runWithProgress } from './progress.mjs';
import { MissingServer, isProgram } from './programs.mjs';
import { ISTIOD_VERSION, ISTIO_API } from './versions.mjs';

const XDS = fileURLToPath(new URL('xds', import.meta.url));
const XDS_SOURCES = ['go.mod', 'go.sum', 'main.go', 'stream.go', 'answer.go'];

/**
 * Builds what of Istio is missing: istiod and the program that asks it over xDS; and fetches the CRDs.
 * @param {(sentence: string) => void} say
 */
export async function installIstio(say) {
  const go = requireGo('Building istiod');
  for (const version of Object.keys(ISTIO_API)) await istioCrds(say, version);
  await installOnce(istiodFolder(), (folder) => buildIstiod(go, folder, say), say);
  await installOnce(xdsFolder(), (folder) => buildXds(go, folder, say), say);
}

/** Paths of `istiod` and of `xds`; throws the sentence that says what is lacking. */
export function requireIstio(environment = process.env) {
  const istiod = join(istiodFolder(environment), 'bin', 'pilot-discovery');
  const xds = join(xdsFolder(environment), 'bin', 'xds');
  if (isProgram(istiod) && isProgram(xds)) return { istiod, xds };
  throw new MissingServer('istiod is not installed: run npm run servers -- install istiod (about 4 minutes, once)');
}

export function hasIstio(environment = process.env) {
  try {
    requireIstio(environment);
    return true;
  } catch (error) {
    if (error instanceof MissingServer) return false;
    throw error;
  }
}

export function istiodFolder(environment = process.env) {
  return installedFolder('istiod', ISTIOD_VERSION, environment);
}

/** A folder for each state of its source. */
function xdsFolder(environment = process.env) {
  const hash = createHash('sha256');
  for (const name of XDS_SOURCES) hash.update(readFileSync(join(XDS, name)));
  return installedFolder('xds', hash.digest('hex').slice(0, 12), environment);
}

async function buildIstiod(go, folder, say) {
  await goBuild(go, folder, {
    module: `module servers\ngo 1.26.0\nrequire istio.io/istio v${ISTIOD_VERSION}\n`,
    packages: ['istio.io/istio/pilot/cmd/pilot-discovery'],
    what: 'building istiod',
    expected: 'about 3 minutes on two cores',
    say,
  });
}

async function buildXds(go, folder, say) {
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  // What it needs is pinned by its go.sum, as that of an ordinary program.
  const env = { ...process.env, ...GO_ENVIRONMENT, GOFLAGS: '-mod=readonly -buildvcs=false' };
  const build = ['build', '-trimpath', '-ldflags', '-s -w', '-o', `${bin}/`, '.'];
  await runWithProgress(say, 'building the program that asks over xDS', 'about half a minute', go, build, {
    cwd: XDS,
    env,
  });
}
