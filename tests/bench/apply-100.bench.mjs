// 100 ConfigMaps, every one of them changed, brought into a cluster by server-side apply: through Waybill's access to
// it, as its operator holds it open, vs `kubectl apply --server-side` of the same files, process and all. Both write the
// same objects in namespaces of their own of one real API server, in turn.
import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { connectCluster } from '@waybill/adapters';
import { inFolder, inTurn, medians, report, timed } from './measure.mjs';
import { withServers } from './servers.mjs';

const ROUNDS = 21;
const OBJECTS = 100;

/** As large as the configuration of a service usually is. */
const configMaps = (namespace, round) =>
  Array.from({ length: OBJECTS }, (_, n) => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: `shop--dev-${n}`, namespace, labels: { 'app.kubernetes.io/managed-by': 'waybill' } },
    data: { 'app.properties': `round=${round}\n${`key-${n}=a value of some length\n`.repeat(30)}` },
  }));

await withServers('apply-100', { kubernetes: {} }, async ({ kubernetes }) => {
  const cluster = await connectCluster({ kubeconfig: kubernetes.kubeconfig });
  for (const name of ['ours', 'anchor']) {
    await cluster.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  }
  await inFolder(async (folder) => {
    const rounds = { ours: 0, anchor: 0 };
    const measured = await inTurn({
      ours() {
        const objects = configMaps('ours', rounds.ours++);
        return timed(() => Promise.all(objects.map((object) => cluster.apply(object))));
      },
      anchor() {
        const files = join(folder, String(rounds.anchor));
        mkdirSync(files);
        for (const object of configMaps('anchor', rounds.anchor++)) {
          writeFileSync(join(files, `${object.metadata.name}.yaml`), JSON.stringify(object));
        }
        const flags = ['--kubeconfig', kubernetes.kubeconfig, 'apply', '--server-side', '-f', files];
        return timed(() => promisify(execFile)(kubernetes.kubectl, flags));
      },
      rounds: ROUNDS,
    });
    await sameIn(cluster, ['ours', 'anchor']);
    report('apply-100', { ...medians(measured), goal: 0.5, unit: 'ms' });
  });
  cluster.close();
});

/** Both sides must have done the same. */
async function sameIn(cluster, namespaces) {
  const [ours, anchor] = await Promise.all(
    namespaces.map(async (namespace) => {
      const labelSelector = 'app.kubernetes.io/managed-by=waybill';
      const objects = await cluster.list({ apiVersion: 'v1', kind: 'ConfigMap', namespace, labelSelector });
      return JSON.stringify(objects.map(({ metadata, data }) => [metadata.name, data]));
    }),
  );
  if (ours !== anchor || JSON.parse(ours).length !== OBJECTS) throw new Error('the two sides did not write the same');
}
