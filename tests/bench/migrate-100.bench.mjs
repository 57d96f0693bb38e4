// 100 environments of one cluster brought to another one: from the request of the migration to the moment all of them
// are healthy there and count, through the built ledger, Kafka and the operator of the new cluster, against `kubectl
// apply` of all their objects and `kubectl rollout status` of all their Deployments. Both bring 100 new pods up in the
// new cluster, in turn, each in a namespace of its own. Between the rounds the migration is reverted, not timed.
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs, promisify } from 'node:util';
import { inFolder, inTurn, medians, report, timed } from './measure.mjs';
import { LOCATION, TARGET, startProduct } from './product.mjs';
import { withServers } from './servers.mjs';

const NAME = 'migrate-100';
const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '5' }, environments: { type: 'string', default: '100' } },
});
const ENVIRONMENTS = Number(values.environments);
const NEXT = 'next';
const ANCHOR = 'anchor';
const MANAGED = 'app.kubernetes.io/managed-by=waybill';
/** Each environment has a Service, and the 254 addresses of the usual range do not go round. */
const apiserverFlags = ['--service-cluster-ip-range=10.0.0.0/16'];

await withServers(NAME, { kafka: {}, kubernetes: { apiserverFlags }, newer: { apiserverFlags } }, (servers) =>
  inFolder(async (folder) => {
    const product = await startProduct(servers, folder, { replicas: 1 });
    try {
      const newer = await product.addLocation(NEXT, servers.newer);
      const releases = [];
      for (let n = 1; n <= ENVIRONMENTS; n++) releases.push(await product.request(`dev-${n}`, n));
      for (const id of releases) await product.settled(id);
      const steps = stepsOf(product.ask);
      await migrate(product.ask, steps);
      const file = join(folder, 'objects.json');
      writeFileSync(file, JSON.stringify(await plannedObjects(newer)));
      await revert(product.ask, steps, newer);
      const { kubectl, kubeconfig } = servers.newer;
      const run = (...args) => promisify(execFile)(kubectl, ['--kubeconfig', kubeconfig, ...args]);
      const rounds = await inTurn({
        async ours() {
          const spent = await timed(() => migrate(product.ask, steps));
          await revert(product.ask, steps, newer);
          return spent;
        },
        async anchor() {
          await run('create', 'namespace', ANCHOR);
          const spent = await timed(async () => {
            await run('apply', '-n', ANCHOR, '-f', file);
            await run('rollout', 'status', '-n', ANCHOR, 'deployment', '-l', MANAGED, '--timeout=120s');
          });
          await run('delete', 'deployments,services,configmaps', '-n', ANCHOR, '-l', MANAGED, '--wait');
          await gone(newer, ANCHOR);
          await run('delete', 'namespace', ANCHOR, '--wait');
          return spent;
        },
        rounds: Number(values.rounds),
        warmUp: 0,
      });
      report(NAME, { ...medians(rounds), goal: 1.5, unit: 'ms' });
    } finally {
      await product.stop();
    }
  }),
);

/** How many environments are at each step. */
function stepsOf(ask) {
  return async () => {
    const { migration } = await ask(`{ migration(location: "${LOCATION}") { environments { step } } }`);
    const counts = {};
    for (const { step } of migration.environments) counts[step] = (counts[step] ?? 0) + 1;
    return counts;
  };
}

async function migrate(ask, steps) {
  await ask('mutation Migrate($input: MigrateLocationInput!) { migrateLocation(input: $input) { position } }', {
    input: { location: LOCATION, to: NEXT, removal: { when: 'by-hand' } },
  });
  await until('all count there', steps, (counts) => counts['cut-over'] === ENVIRONMENTS);
}

async function revert(ask, steps, newer) {
  await ask('mutation Revert($input: MigrationActionInput!) { revertMigration(input: $input) { position } }', {
    input: { location: LOCATION },
  });
  await until('all are kept', steps, (counts) => counts['kept'] === ENVIRONMENTS);
  await gone(newer, TARGET);
}

/** Neither side is to work beside pods of the other that still end. */
function gone(kubectl, namespace) {
  return until(
    `no pod is left in ${namespace}`,
    async () => (await kubectl(['get', 'pods', '-n', namespace, '-o', 'name'])).trim(),
    (names) => names === '',
  );
}

async function until(what, look, good, timeoutMs = 240_000) {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const seen = await look();
    if (good(seen)) return;
    if (Date.now() > deadline) throw new Error(`${what}: not in time; last seen ${JSON.stringify(seen)}`);
    await delay(50);
  }
}

/** What Waybill applied, as files that somebody would keep. */
async function plannedObjects(kubectl) {
  const { items } = JSON.parse(
    await kubectl(['get', 'deployments,services,configmaps', '-n', TARGET, '-l', MANAGED, '-o', 'json']),
  );
  const objects = items.map(({ apiVersion, kind, metadata, spec, data }) => {
    const { name, labels } = metadata;
    // Addresses are given by the cluster.
    const wanted = spec && { ...spec, clusterIP: undefined, clusterIPs: undefined };
    return { apiVersion, kind, metadata: { name, labels }, spec: wanted, data };
  });
  return { apiVersion: 'v1', kind: 'List', items: objects };
}
