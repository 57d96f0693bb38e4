// Fills views from a log: `project` page by page as the projector does, `rebuild` beside the live ones. Everything the
// engine is asked for goes through a wrapper that kills the process at the n-th moment: before a call, or when its promise
// has settled. project.cjs <project|rebuild> <log> <folder> <n> says how many moments there were when it got to the end.
const { writeSync } = require('node:fs');
const { catalogue } = require('../../../libs/domain/dist/index.js');
const { openSqliteEventStore } = require('../../../libs/stores/dist/sqlite/event-store.js');
const { projectBatch } = require('../../../libs/views/dist/projector.js');
const { createRebuilds } = require('../../../libs/views/dist/rebuild.js');
const { projections } = require('../../../libs/views/dist/schema.js');
const { openSqliteHome } = require('../../../libs/views/dist/sqlite/home.js');

const PAGE = 300;
const [mode, log, folder, nth] = process.argv.slice(2);
let moments = 0;

function moment() {
  moments += 1;
  if (moments === Number(nth)) process.kill(process.pid, 'SIGKILL');
}

/** The object, with a moment before and after each call of its methods and of the functions it is given. */
function watched(object) {
  return new Proxy(object, {
    get(target, name) {
      const value = target[name];
      if (name === 'engine') return watched(value);
      return typeof value === 'function' ? watchedCall(value.bind(target)) : value;
    },
  });
}

function watchedCall(call) {
  return (...given) => {
    moment();
    const result = call(...given.map((one) => (typeof one === 'function' ? watchedWork(one) : one)));
    return result instanceof Promise ? result.then(settled) : result;
  };
}

/** What runs in a transaction: its unit is watched, and the moment between its end and the commit. */
const watchedWork =
  (work) =>
  async (...given) => {
    const result = await work(...given.map((one) => (one !== null && typeof one === 'object' ? watched(one) : one)));
    return settled(result);
  };

function settled(result) {
  moment();
  return result !== null && typeof result === 'object' && 'engine' in result ? watched(result) : result;
}

async function project(store, live) {
  let { position: after } = await live.engine.checkpoint();
  for (;;) {
    const events = await store.readAll(after === null ? undefined : String(after), PAGE);
    if (events.length === 0) return;
    after = await projectBatch(live.engine, projections, catalogue, { events, after, ledger: store.ledgerId });
  }
}

async function rebuild(store, live, home) {
  const rebuilds = createRebuilds({
    home,
    clock: () => '2026-11-23T12:00:00.000Z',
    read: (query) => query(live.engine.queries),
    exclusively: (work) => work(),
    adopt: () => live.engine.close(),
  });
  await rebuilds.rebuild(store);
}

async function main() {
  const store = watched(openSqliteEventStore({ file: log }));
  const home = watched(openSqliteHome(folder));
  const live = await home.openLive();
  await (mode === 'rebuild' ? rebuild : project)(store, live, home);
  writeSync(1, `moments ${moments}\n`);
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
