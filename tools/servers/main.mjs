// npm run servers -- install|start|stop|status [name …]: real servers for tests and for trying things; all of them when
// none is named. See docs/servers.md.
import { runningServer, startInBackground, stopInBackground } from './background.mjs';
import { SERVERS } from './catalogue.mjs';
import { table } from './table.mjs';

const COMMANDS = { install, start, stop, status };
const USAGE = `npm run servers -- ${Object.keys(COMMANDS).join('|')} [${Object.keys(SERVERS).join('] [')}]`;

const [command, ...given] = process.argv.slice(2);
const unknown = given.filter((name) => !Object.hasOwn(SERVERS, name));
if (!command || !Object.hasOwn(COMMANDS, command) || unknown.length > 0) {
  const asked = command === '--help' || command === 'help';
  if (unknown.length > 0) console.error(`There is no server called ${unknown.join(', ')}.`);
  console[asked ? 'log' : 'error'](USAGE);
  process.exit(asked ? 0 : 2);
}
await COMMANDS[command](given.length > 0 ? given : Object.keys(SERVERS));

async function install(names) {
  await each(names, async (name) => {
    const { title, version, install: put } = SERVERS[name];
    const where = await put((sentence) => console.error(`${title}: ${sentence}`));
    console.log(`${title}${version === 'any' ? '' : ` ${version}`} is in ${where}`);
  });
}

async function start(names) {
  await each(names, async (name) => {
    const { title, use, ...how } = SERVERS[name];
    if (!use) return;
    const already = runningServer(name);
    console.log(
      `${title} ${already ? 'is running already' : 'is running'}: ${use(already ?? (await startInBackground(name, how)))}`,
    );
  });
}

async function stop(names) {
  // istiod before the Kubernetes that it reads.
  await each(names.toReversed(), async (name) => {
    if (!SERVERS[name].use) return;
    const stopped = await stopInBackground(name);
    console.log(`${SERVERS[name].title} ${stopped ? 'is stopped' : 'was not running'}`);
  });
}

function status(names) {
  const rows = names.map((name) => {
    const { title, version, given: variable, isInstalled, use } = SERVERS[name];
    const state = runningServer(name);
    const external = variable && process.env[variable] ? `tests use ${variable}` : '';
    return [
      title,
      version,
      isInstalled() ? 'installed' : 'not installed',
      use ? (state ? 'running' : 'stopped') : '–',
      state ? use(state) : external,
    ];
  });
  console.log(table(['server', 'version', 'here', 'now', 'how to reach it'], rows));
}

/** Goes on with the others when one fails, and says so by the exit code. */
async function each(names, act) {
  for (const name of names) {
    try {
      await act(name);
    } catch (error) {
      console.error(`${SERVERS[name].title}: ${error.message}`);
      process.exitCode = 1;
    }
  }
}
