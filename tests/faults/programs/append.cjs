// Appends batches of three events to some streams at once and says on stdout, in synchronous writes, what it sends and
// what was acknowledged: what a pipe or a file holds of it was said before the process ended, however it ended.
// append.cjs <file> [<batches a stream>]: without a number it goes on until it is killed.
const { writeSync } = require('node:fs');
const { eventId, newId, sha256 } = require('../../../libs/kernel/dist/index.js');

// A power cut can lose what NORMAL acknowledges. The product cannot be asked for it; here it is forced upon the driver.
if (process.env.FORCE_NORMAL) {
  const { prototype } = require('better-sqlite3');
  const { pragma } = prototype;
  prototype.pragma = function (source, options) {
    if (source === 'synchronous') return 2;
    return pragma.call(this, source === 'synchronous = FULL' ? 'synchronous = NORMAL' : source, options);
  };
}

const { openSqliteEventStore } = require('../../../libs/stores/dist/sqlite/event-store.js');

const STREAMS = 4;
const [file, most = Infinity] = process.argv.slice(2);
const say = (line) => writeSync(1, `${line}\n`);

/** The same as in batches.ts. */
const eventsOf = (stream, commandId) =>
  [0, 1, 2].map((index) => ({
    id: eventId(commandId, index),
    type: 'ThingHappened',
    version: 1,
    occurredAt: '2026-11-23T12:00:00.000Z',
    actor: { kind: 'system', id: 's-0123456789abcdef0123', roles: [] },
    commandId,
    commandDigest: sha256(commandId),
    correlationId: commandId,
    causationId: commandId,
    data: { stream, index, padding: 'x'.repeat(400) },
  }));

async function fill(store, stream) {
  const [last] = await store.readStream(stream, { direction: 'backwards', limit: 1 });
  let revision = last ? last.revision : -1;
  for (let batch = 0; batch < Number(most); batch++) {
    const commandId = newId();
    say(`sent ${stream} ${revision} ${commandId}`);
    await untilAcknowledged(store, stream, revision, commandId);
    say(`acknowledged ${stream} ${revision} ${commandId}`);
    revision += 3;
  }
}

/** A client that is told to try again does so with the same ids and the same expected revision. */
async function untilAcknowledged(store, stream, revision, commandId) {
  for (let attempt = 1; ; attempt++) {
    try {
      return await store.append(stream, eventsOf(stream, commandId), revision === -1 ? 'no-stream' : revision);
    } catch (error) {
      say(`refused ${error.code}`);
      if (error.name !== 'RetryableError' || attempt === 5) throw error;
    }
  }
}

async function main() {
  const store = openSqliteEventStore({ file });
  say('ready');
  await Promise.all(Array.from({ length: STREAMS }, (_, index) => fill(store, `thing-${index}`)));
  await store.close();
}

main().catch((error) => {
  say(`failed ${error.code ?? error}`);
  process.exitCode = 1;
});
