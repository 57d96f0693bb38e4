// A release from its request to the moment the ledger calls it healthy, through the built ledger, Kafka and the built
// operator, against `kubectl apply` and `kubectl rollout status` of the same Deployment. Both bring one new pod up and
// one old one down in a real control plane, in turn.
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { inFolder, inTurn, medians, report, timed } from './measure.mjs';
import { TARGET, nth, startProduct } from './product.mjs';
import { withServers } from './servers.mjs';

const NAME = 'rollout-overhead';
const { values } = parseArgs({ options: { rounds: { type: 'string', default: '21' } } });
const DEPLOYMENT = 'shop--dev';
const ANCHOR = 'anchor';

await withServers(NAME, { kafka: {}, kubernetes: {} }, (servers) =>
  inFolder(async (folder) => {
    const product = await startProduct(servers, folder, { replicas: 1 });
    try {
      const { kubectl, kubeconfig } = servers.kubernetes;
      const run = (...args) => promisify(execFile)(kubectl, ['--kubeconfig', kubeconfig, '-n', ANCHOR, ...args]);
      let releases = 0;
      const release = async () => product.settled(await product.request('dev', releases++));
      await release();
      const deployment = await plannedDeployment(product.kubectl);
      await run('create', 'namespace', ANCHOR);
      let applied = 0;
      const rounds = await inTurn({
        ours: () => timed(release),
        anchor() {
          const file = join(folder, 'deployment.json');
          writeFileSync(file, JSON.stringify(withDigest(deployment, nth(applied++))));
          return timed(async () => {
            await run('apply', '-f', file);
            await run('rollout', 'status', `deployment/${DEPLOYMENT}`, '--timeout=60s');
          });
        },
        rounds: Number(values.rounds),
      });
      report(NAME, { ...medians(rounds), goal: 1.5, unit: 'ms' });
      console.log('  aim 1.2');
    } finally {
      await product.stop();
    }
  }),
);

/** What Waybill applied, as a file that somebody would keep. */
async function plannedDeployment(kubectl) {
  const { apiVersion, kind, metadata, spec } = JSON.parse(
    await kubectl(['get', 'deployment', DEPLOYMENT, '-n', TARGET, '-o', 'json']),
  );
  const { name, labels } = metadata;
  return { apiVersion, kind, metadata: { name, labels, namespace: ANCHOR }, spec };
}

function withDigest(deployment, digest) {
  return JSON.parse(JSON.stringify(deployment).replaceAll(/@sha256:[0-9a-f]{64}/g, `@sha256:${digest}`));
}
