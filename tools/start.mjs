// npm start: installs what is missing, builds, starts the ledger, runs the reference example on an empty data folder,
// and keeps serving until Ctrl-C. Flags are the ledger's: npm start -- --listen 127.0.0.1:7071.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { build, install, requirePrograms, root } from './setup/install.mjs';
import { onNpmGone } from './setup/npm-gone.mjs';

const READY = /^waybill ledger listening on (http\S+)/;
const STOP_TIMEOUT_MS = 10_000;

/** Flags with which the ledger does one thing and ends. */
const ENDS_AT_ONCE = new Set(['--help', '--new-admin-token', '--rotate-key']);

requirePrograms();
install();
build();

const flags = process.argv.slice(2);
const data = resolve(dataFlag() || process.env.WAYBILL_DATA || '.waybill');
const withExample = !flags.some((flag) => ENDS_AT_ONCE.has(flag)) && wantsExample();

const ledger = startChild('apps/ledger/dist/main.js', 'pipe', process.env, flags);
/** The last sentence of the ledger itself: what it ended with. */
let sentence;
const heard = passOnErrors();
const ended = new Promise((done) =>
  ledger.once('exit', async (code, signal) => {
    // What it said last may still be in the pipe, which a child of its own may hold open.
    await Promise.race([heard, delay(500)]);
    done(code ?? (signal === 'SIGKILL' ? 137 : 1));
  }),
);
let example;
let stopping = false;

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, stop);
onNpmGone(stop);

const url = await Promise.race([readyUrl(), ended.then(() => undefined)]);
if (url === undefined) {
  // The ledger has said why in its one sentence.
  process.exit(stopping ? 0 : await ended);
}
if (withExample) await runExample();
if (!stopping && running()) await greet();
const code = await ended;
if (!stopping) console.error(`The ledger ended by itself with exit code ${code}${sentence ? `: ${sentence}` : '.'}`);
process.exit(stopping ? 0 : code || 1);

/**
 * The example belongs to a data folder that was empty. Its own folder is made before the ledger starts: whatever is
 * killed after that, the next start knows that there is an example to finish.
 */
function wantsExample() {
  if (process.env.WAYBILL_EXAMPLE === 'off') return false;
  const folder = join(data, 'example');
  try {
    if (existsSync(folder)) return true;
    if (existsSync(data) && readdirSync(data).length > 0) return false;
    makeFolder(folder);
    return true;
  } catch {
    // The ledger meets the same fault and tells it in its one sentence.
    return false;
  }
}

// Not mkdir's own `recursive`: in Node 20 that never returns where the file system says ENOENT for the folder itself.
function makeFolder(folder) {
  if (existsSync(folder)) return;
  makeFolder(dirname(folder));
  mkdirSync(folder, { mode: 0o700 });
}

/** The folder of `--data`, which goes before the variable. */
function dataFlag() {
  const at = flags.findLastIndex((flag) => flag === '--data' || flag.startsWith('--data='));
  if (at < 0) return undefined;
  return flags[at] === '--data' ? flags[at + 1] : flags[at].slice('--data='.length);
}

function running() {
  return ledger.exitCode === null && ledger.signalCode === null;
}

/** A child that ends with this process, however that ends. */
function startChild(file, output, env, flags = []) {
  const endWithParent = new URL('./setup/end-with-parent.mjs', import.meta.url).href;
  const args = ['--import', endWithParent, join(root, file), ...flags];
  return spawn(process.execPath, args, { stdio: ['ignore', output, output, 'ipc'], env });
}

/** Passes the ledger's output on and gives the address once it says that it listens. */
function readyUrl() {
  return new Promise((done) => {
    createInterface({ input: ledger.stdout }).on('line', (line) => {
      const match = READY.exec(line);
      if (match) done(match[1]);
      else console.log(line);
    });
  });
}

/** Resolves when the ledger has nothing more to say. */
function passOnErrors() {
  return new Promise((done) => {
    createInterface({ input: ledger.stderr })
      .on('line', (line) => {
        if (line.startsWith('waybill ledger: ')) sentence = line.slice('waybill ledger: '.length);
        console.error(line);
      })
      .once('close', done);
  });
}

async function runExample() {
  const settings = { WAYBILL_URL: url, WAYBILL_DATA: data, WAYBILL_TOKEN: '' };
  example = startChild('tools/example/dist/main.js', 'inherit', { ...process.env, ...settings });
  const code = await new Promise((done) => example.once('exit', done));
  example = undefined;
  if (code === 0 || stopping) return;
  // What stopped it may have been the end of the ledger, which then says why itself.
  await Promise.race([ended, delay(3_000)]);
  if (running()) console.error('Start again: the example goes on where it was.');
}

async function greet() {
  console.log(`\nWaybill is at ${url}`);
  const link = await loginLink();
  if (link) console.log(`Log in with   ${link}   (good once, for a few minutes)`);
  console.log('Ctrl-C ends it; npm start finds everything again.');
}

async function loginLink() {
  try {
    const token = readFileSync(join(data, 'admin-token'), 'utf8').trim();
    const response = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify({ query: 'mutation { createLoginLink { url } }' }),
      signal: AbortSignal.timeout(10_000),
    });
    const { data: answer, errors } = await response.json();
    if (errors) console.error(`There is no login link: ${errors[0].message}`);
    return answer?.createLoginLink?.url;
  } catch (error) {
    console.error(`There is no login link: ${error.message}`);
    return undefined;
  }
}

/** Ends both children. A Ctrl-C in a terminal reached them already; one more signal does no harm. */
function stop() {
  if (stopping) return;
  stopping = true;
  example?.kill('SIGTERM');
  ledger.kill('SIGTERM');
  setTimeout(() => ledger.kill('SIGKILL'), STOP_TIMEOUT_MS).unref();
}
