import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { connect } from '@waybill/example';
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { startStage, type Stage, uniqueName } from '../../cluster/harness/stage.js';
import { QUICK } from '../../e2e/harness/kit.js';
import { type LedgerProcess, ROOT, startLedger } from '../../e2e/harness/ledger-process.js';
import { environmentNamed } from '../../e2e/harness/releases.js';
import { until } from '../../e2e/harness/until.js';
import { tell, times } from '../counting.js';
import { type ProxiedKafka, startProxiedKafka } from './kafka-proxy.js';
import { type Lane, openLane } from './lane.js';
import { deferred, LEDGER, type Step, type When } from './passage.js';
import { recordsOf } from './topic.js';

jest.setTimeout(1_800_000);

const rounds = times(2, 20, 1);
const location = uniqueName('fence');
const counts = { runs: 0, records: 0, lost: 0, repeated: 0, reordered: 0, undone: 0 };

let double: ChildProcess;
let eventStore: string;
let kafka: ProxiedKafka | undefined;
let stage: Stage | undefined;
let lane: Lane;
/** Whom people ask. */
let asked: LedgerProcess;

/** Set while the next record that a ledger sends is to be held. */
let hold: { readonly asleep: () => void; readonly awake: Promise<void>; readonly when: When } | undefined;

async function gate({ location: from }: Step, when: When): Promise<'pass' | 'cut'> {
  const held = hold;
  if (!held || from !== LEDGER || when !== held.when) return 'pass';
  hold = undefined;
  process.kill(stage!.kit.ledger.pid, 'SIGSTOP');
  held.asleep();
  await held.awake;
  return 'pass';
}

/** Two processes need a log that both can write to: that of EventStoreDB, which has a double here. */
beforeAll(async () => {
  const main = join(ROOT, 'tools/eventstoredb-double/dist/main.js');
  double = spawn(process.execPath, [main], { stdio: ['ignore', 'pipe', 'ignore'] });
  eventStore = await new Promise<string>((done) => createInterface({ input: double.stdout! }).once('line', done));
  kafka = await startProxiedKafka(gate);
  process.env['KAFKA_BROKERS'] = kafka.brokers;
  // Without a prefix the double holds what others wrote.
  eventStore += '&prefix=fence.';
  stage = await startStage([location], { WAYBILL_EVENT_STORE: eventStore });
  const { kit } = stage;
  asked = kit.ledger;
  const admin = { get: () => connect(asked.url, asked.adminToken) };
  const asking = Object.defineProperty({ ...kit }, 'admin', admin);
  lane = await openLane({ ...stage, kit: asking }, stage.place(location));
});
afterAll(async () => {
  await stage?.close();
  await kafka?.stop();
  double.kill('SIGKILL');
  tell('zombie-dispatchers', counts);
});

async function goesItsWay(change: Parameters<Lane['ask']>[0] | 'asked already'): Promise<void> {
  if (change !== 'asked already') await lane.ask(change);
  await lane.atRest();
  const loss = await lane.loss();
  counts.lost += loss.lost.length;
  counts.repeated += loss.repeated.length;
  counts.undone += loss.undone.length;
  expect(loss).toEqual({ lost: [], repeated: [], undone: [] });
}

/** From now on, once its views are those of the log. */
async function ask(ledger: LedgerProcess): Promise<void> {
  asked = ledger;
  await until(
    'it knows of everything',
    // Until it knows the project it refuses.
    () => environmentNamed(connect(ledger.url, ledger.adminToken), lane.environment).catch(() => undefined),
    (row) => row?.generation === lane.generation,
  );
}

it('a dispatcher that wakes after another has taken over is fenced off, with what it was about to send', async () => {
  const first = stage!.kit.ledger;
  for (; counts.runs < rounds; counts.runs++) {
    await goesItsWay('with');
    const [asleep, awake] = [deferred(), deferred()];
    hold = { asleep: asleep.resolve, awake: awake.promise, when: counts.runs % 2 === 0 ? 'before' : 'after' };
    await lane.ask('without');
    await asleep.promise;
    // Contents are held outside of the log, and each needs what the other has composed.
    const data = join(stage!.kit.folder, `second-${counts.runs}`);
    mkdirSync(data);
    symlinkSync(join(first.data, 'contents.sqlite'), join(data, 'contents.sqlite'));
    const second = await startLedger(data, {
      ...QUICK,
      WAYBILL_EVENT_STORE: eventStore,
      WAYBILL_CHANNEL: stage!.channel,
    });
    await ask(second);
    await goesItsWay('asked already');
    await goesItsWay('with');
    awake.resolve();
    process.kill(first.pid, 'SIGCONT');
    // Now there are two of them.
    await goesItsWay('without');
    await ask(first);
    await goesItsWay('with');
    await goesItsWay('removed');
    await second.kill();
  }
  const records = await recordsOf(`${stage!.prefix}waybill.desired.${location}`);
  const generations = records.flatMap(({ value }) =>
    value ? [(JSON.parse(value.toString()) as { generation: number }).generation] : [],
  );
  counts.records = generations.length;
  counts.reordered = generations.filter((generation, index) => generation < (generations[index - 1] ?? 0)).length;
  expect(counts.reordered).toBe(0);
  // One may stand there twice: what an operator that has just begun lacks is sent to it again.
  expect([...new Set(generations)]).toEqual(Array.from({ length: lane.generation }, (_, index) => index + 1));
  expect((await first.stop()).stderr).toContain('taken over');
});
