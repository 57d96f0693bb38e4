// 200 releases, one at a time, through the whole embedded product (HTTP, ledger, policies, operator, delivery), each
// against what the git program alone needs to commit the same files. Both are timed in turn.
import { execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { median, report } from './measure.mjs';

const RELEASES = 200;
const WARM_UP = 20;

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'waybill-bench-'));
const author = ['-c', 'user.name=Bench', '-c', 'user.email=bench@localhost'];
const git = (cwd, ...args) => execFileSync('git', ['-C', cwd, ...author, ...args], { encoding: 'utf8' }).trim();

/** The n-th commit id and image digest: what differs from release to release. */
const nth = (n) => createHash('sha256').update(`release ${n}`).digest('hex');

const ledger = await startLedger();
try {
  await onboard();
  const config = join(folder, 'anchor');
  execFileSync('git', ['init', '-q', '-b', 'main', config]);
  const times = { ours: [], anchor: [] };
  for (let n = -WARM_UP; n < RELEASES; n++) {
    const ours = await timed(() => release(n));
    const files = deliveredFiles();
    const anchor = await timed(() => commit(config, files, n));
    if (n >= 0) {
      times.ours.push(ours);
      times.anchor.push(anchor);
    }
  }
  report('request-to-delivered', { ours: median(times.ours), anchor: median(times.anchor), goal: 1.5, unit: 'ms' });
} finally {
  ledger.child.kill('SIGTERM');
  await new Promise((done) => ledger.child.once('exit', done));
  rmSync(folder, { recursive: true });
}

async function timed(work) {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

async function startLedger() {
  const child = spawn(process.execPath, [join(root, 'apps/ledger/dist/main.js')], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, WAYBILL_DATA: join(folder, 'data'), WAYBILL_LISTEN: '127.0.0.1:0' },
  });
  for await (const line of createInterface({ input: child.stdout })) {
    const url = /listening on (http\S+)/.exec(line)?.[1];
    if (url) return { child, url, token: readFileSync(join(folder, 'data/admin-token'), 'utf8').trim() };
  }
  throw new Error('the ledger did not start');
}

async function ask(query, variables) {
  const response = await fetch(`${ledger.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${ledger.token}` },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = await response.json();
  if (errors) throw new Error(errors[0].message);
  return data;
}

/** One project, one location, one rule, one configuration directory. */
async function onboard() {
  const config = join(folder, 'config');
  execFileSync('git', ['init', '-q', '-b', 'main', config]);
  mkdirSync(join(config, 'shop/dev'), { recursive: true });
  writeFileSync(join(config, 'shop/dev/waybill.yaml'), 'replicas: 2\nenv:\n  GREETING: hello\n');
  writeFileSync(join(config, 'shop/dev/app.properties'), 'colour=blue\n');
  git(config, 'add', '-A');
  git(config, 'commit', '-q', '-m', 'Configure shop');
  execFileSync('git', ['init', '-q', '--bare', '-b', 'main', join(folder, 'delivery.git')]);
  const delivery = { kind: 'git', repository: join(folder, 'delivery.git'), branch: 'main' };
  await ask('mutation ($d: JSON!) { onboardLocation(input: { key: "dev", delivery: $d }) { position } }', {
    d: delivery,
  });
  for (const key of ['kubernetes-dev', 'istio-dev']) {
    await ask('mutation ($key: String!) { onboardResource(input: { key: $key, location: "dev" }) { position } }', {
      key,
    });
  }
  await ask('mutation { registerProject(input: { key: "shop" }) { position } }');
  const sections = {
    DEVELOPER: {
      sourceRepository: join(folder, 'source'),
      deliverable: { kind: 'image', repository: 'registry.example/shop' },
      ports: [{ name: 'http', port: 8080 }],
      config: { repository: config },
    },
    BUSINESS: { owner: 'ann', productLine: 'shop' },
    DEVOPS: { quotas: { maxReplicas: 5 } },
  };
  for (const [section, metadata] of Object.entries(sections)) {
    await ask(
      'mutation ($s: Section!, $m: JSON!) { submitMetadata(input: { project: "shop", section: $s, metadata: $m }) { position } }',
      { s: section, m: metadata },
    );
  }
  const rules = [{ name: 'dev', branch: '^dev$', resources: ['kubernetes-dev', 'istio-dev'], tier: 'dev' }];
  await ask('mutation ($r: JSON!) { defineRules(input: { project: "shop", rules: $r }) { position } }', { r: rules });
}

/** From the request to the outcome, as a pipeline would see it. */
async function release(n) {
  const { requestRelease } = await ask(
    `mutation ($commit: String!, $deliverable: JSON!) {
       requestRelease(input: { project: "shop", ref: { name: "dev" }, commit: $commit, deliverable: $deliverable }) {
         release { id }
       }
     }`,
    {
      commit: nth(n).slice(0, 40),
      deliverable: { kind: 'image', image: 'registry.example/shop', digest: `sha256:${nth(n)}` },
    },
  );
  const { settledRelease } = await ask(
    'query ($id: ID!) { settledRelease(id: $id, timeoutSeconds: 30) { state outcome } }',
    { id: requestRelease.release.id },
  );
  if (settledRelease.outcome !== 'delivered') throw new Error(`release ${n} is ${settledRelease.state}`);
}

/** What the product just delivered, path → text. */
function deliveredFiles() {
  const repository = join(folder, 'delivery.git');
  const paths = git(repository, 'ls-tree', '-r', '--name-only', 'main').split('\n');
  return new Map(paths.map((path) => [path, `${git(repository, 'show', `main:${path}`)}\n`]));
}

function commit(repository, files, n) {
  for (const [path, text] of files) {
    mkdirSync(dirname(join(repository, path)), { recursive: true });
    writeFileSync(join(repository, path), text);
  }
  git(repository, 'add', '-A');
  git(repository, 'commit', '-q', '-m', `Deploy ${n}`);
}
