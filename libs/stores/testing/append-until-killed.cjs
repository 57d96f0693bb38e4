// Appends batches of three events to many streams at once until it is killed. Says each acknowledged batch on stdout, in
// one synchronous write: what the parent has read was acknowledged.
require('./register.cjs');
const { writeSync } = require('node:fs');
const { newId } = require('@waybill/kernel');
const { openSqliteEventStore } = require('../src/index.ts');

const [file, round] = process.argv.slice(2);
const store = openSqliteEventStore({ file });

const event = (commandId, index) => ({
  id: newId(),
  type: 'ThingHappened',
  version: 1,
  occurredAt: new Date().toISOString(),
  actor: { kind: 'system', id: 's-0123456789abcdef0123', roles: [] },
  commandId,
  commandDigest: '0'.repeat(64),
  correlationId: commandId,
  causationId: commandId,
  data: { index, padding: 'x'.repeat(500) },
});

async function fill(stream) {
  for (let revision = -1; ; revision += 3) {
    const commandId = newId();
    const events = [0, 1, 2].map((index) => event(commandId, index));
    await store.append(stream, events, revision === -1 ? 'no-stream' : revision);
    writeSync(1, `${stream} ${revision + 3} ${events.map(({ id }) => id).join(' ')}\n`);
  }
}

for (let index = 0; index < 6; index++) void fill(`thing-${round}-${index}`);
