// What each further view costs: all views rebuilt together from 100,000 events, in time per view, vs the deployments view
// alone. The log is read and parsed once for all of them.
import { join } from 'node:path';
import { projections } from '../../libs/views/dist/schema.js';
import { buildSqliteEngine } from '../../libs/views/dist/sqlite/engine.js';
import { inFolder, inTurn, medians, report, timed } from './measure.mjs';
import { openFilledLog, rebuildDeployments } from './views-log.mjs';

const ROUNDS = 7;

await inFolder(async (folder) => {
  const store = await openFilledLog(join(folder, 'events.sqlite'));
  let number = 0;
  const rebuilt = async (wanted) => {
    const engine = buildSqliteEngine(join(folder, `views-${number++}.sqlite`));
    const spent = await timed(() => rebuildDeployments(store, engine, wanted));
    await engine.close();
    return spent;
  };
  const rounds = await inTurn({
    ours: async () => (await rebuilt(projections)) / projections.length,
    anchor: () => rebuilt(undefined),
    rounds: ROUNDS,
    warmUp: 1,
  });
  await store.close();
  report('rebuild-all', { ...medians(rounds), goal: 1, unit: 'ms/view' });
});
