import 'reflect-metadata';
import { WaybillError, isWaybillError } from '@waybill/kernel';
import { lockDataFolder } from '@waybill/stores';
import { writeAdminToken } from './access/admin-token.js';
import { openParts } from './app.module.js';
import { type Configuration, readConfiguration } from './configuration.js';
import { publicKeys, rotateKey } from './evidence/keys.js';
import { helpText } from './help.js';
import { startLedger } from './ledger-process.js';
import { type Log, createLog } from './log.js';

async function main(): Promise<number> {
  const log = createLog();
  // Events, tokens, keys and mirrors are nobody else's to read, in a folder that was there before as well.
  process.umask(0o077);
  const configuration = readConfiguration(process.argv.slice(2), process.env);
  if (configuration.help) {
    console.log(helpText());
    return 0;
  }
  const folder = lockDataFolder(configuration.data);
  try {
    if (configuration.newAdminToken) return await newAdminToken(configuration, log);
    if (configuration.rotateKey) return await changeKey(configuration, log);
    return await serve(configuration, log);
  } finally {
    folder.release();
  }
}

async function serve(configuration: Configuration, log: Log): Promise<number> {
  const asked = signalled();
  const ledger = await startLedger(configuration, log);
  if (configuration.roles.has('api')) console.log(`waybill ledger listening on ${ledger.parts.address.url()}`);
  else console.log(`waybill ledger running as ${[...configuration.roles].join(', ')}`);
  const key = (await publicKeys(ledger.parts)).at(-1);
  if (key !== undefined) log.info(`checkpoints are signed with key ${key}`);
  try {
    await Promise.race([asked, ledger.failed]);
  } finally {
    await ledger.stop();
  }
  return 0;
}

/** For whoever lost the first one: only somebody who may write the data folder can ask for it. */
async function newAdminToken(configuration: Configuration, log: Log): Promise<number> {
  const parts = await openParts(configuration, log);
  try {
    console.log(`a new admin token is in ${await writeAdminToken(parts, configuration.data)}`);
  } finally {
    await parts.close();
  }
  return 0;
}

/** The private key lies in the data folder: who may write that may let another one sign. */
async function changeKey(configuration: Configuration, log: Log): Promise<number> {
  const parts = await openParts(configuration, log);
  try {
    const { from, to } = await rotateKey(parts);
    console.log(`checkpoints are signed with ${to.text} from here on; key ${from.id} vouches for it`);
  } finally {
    await parts.close();
  }
  return 0;
}

/** Resolves at the first SIGINT or SIGTERM; the second one ends the process at once. */
function signalled(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.once(signal, () => {
        process.once(signal, () => process.exit(130));
        resolve();
      });
    }
  });
}

/** One sentence and what to do; words of ours only, and no stack. */
function tell(error: unknown): number {
  if (error instanceof WaybillError) {
    console.error(`waybill ledger: ${error.message}${error.hint ? `. ${error.hint}` : ''}`);
    return isWaybillError(error, 'CONFIGURATION') ? 2 : 1;
  }
  console.error(`waybill ledger: cannot go on: ${error instanceof Error ? error.message : String(error)}`);
  return 1;
}

// A fault in ours: whoever runs the process gets one line, and the log's events are safe either way.
process.on('uncaughtException', (error) => {
  createLog().error('unexpected error, the ledger stops', error);
  process.exit(1);
});

main().then(
  (code) => process.exit(code),
  (error: unknown) => process.exit(tell(error)),
);
