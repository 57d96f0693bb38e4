// A Kafka of its own for tests, benchmarks and the example: one broker (KRaft, no ZooKeeper) whose data is in a
// temporary folder that goes when it ends. As a program: see as-program.mjs.
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { PROGRAM_OPTIONS, runAsProgram } from './as-program.mjs';
import { installedFolder } from './cache.mjs';
import { securedListener } from './kafka-security.mjs';
import { dataFolder, freePorts, startKeeper, supervise } from './processes.mjs';
import { MissingServer, requireProgram } from './programs.mjs';
import { KAFKA_VERSION } from './versions.mjs';

const run = promisify(execFile);

/** One broker of a test machine: no file is big, nothing waits for a second replica or a late consumer. */
const SETTINGS = {
  'process.roles': 'broker,controller',
  'node.id': '1',
  'controller.listener.names': 'CONTROLLER',
  'inter.broker.listener.name': 'PLAINTEXT',
  'offsets.topic.replication.factor': '1',
  'offsets.topic.num.partitions': '5',
  'transaction.state.log.replication.factor': '1',
  'transaction.state.log.min.isr': '1',
  'transaction.state.log.num.partitions': '5',
  'share.coordinator.state.topic.replication.factor': '1',
  'share.coordinator.state.topic.min.isr': '1',
  'group.initial.rebalance.delay.ms': '0',
  'auto.create.topics.enable': 'false',
  // A killed broker that comes back has to wait until its own earlier session has run out.
  'broker.heartbeat.interval.ms': '300',
  'broker.session.timeout.ms': '1500',
  'log.cleaner.dedupe.buffer.size': '16777216',
};

/** The folder with Kafka's jars: that of KAFKA_HOME, else the installed one; undefined when there is none. */
export function findKafka(environment = process.env) {
  const home = environment.KAFKA_HOME || installedFolder('kafka', KAFKA_VERSION, environment);
  const jars = join(home, 'libs');
  return existsSync(jars) ? jars : undefined;
}

/**
 * Starts a broker on free ports of 127.0.0.1. Rejects with one sentence when Kafka or Java is missing, with the
 * broker's own words when it does not start.
 * @param {{ folder?: string, settings?: Record<string, string>, secured?: import('./kafka-security.mjs').Secured }}
 *   [options] `folder`: for its data, empty or absent; `settings`: more lines of server.properties; `secured`: a second
 *   listener for clients, with TLS or SASL or both
 * @returns {Promise<{ brokers: string[], secured?: { brokers: string[], protocol: string, caFile?: string },
 *   pid: number, logFile: string, kill: () => Promise<void>, pause: () => void, resume: () => void,
 *   restart: () => Promise<void>, stop: () => Promise<void> }>} addresses are `host:port`; `kill` is SIGKILL, after
 *   which `restart` starts it again on the same ports and data; `restart` of a running broker ends it in good order;
 *   `stop` removes everything
 */
export async function startKafka({ folder: given, settings = {}, secured } = {}) {
  const jars = findKafka();
  if (!jars) {
    throw new MissingServer(
      process.env.KAFKA_HOME
        ? `KAFKA_HOME (${process.env.KAFKA_HOME}) has no folder libs: name the folder of an unpacked Kafka, or unset it`
        : `Kafka ${KAFKA_VERSION} is not installed: run npm run servers -- install kafka, or set KAFKA_HOME or KAFKA_BROKERS`,
    );
  }
  const java = requireProgram('java', 'Kafka');
  const folder = dataFolder('kafka', given);
  const keeper = startKeeper(folder);
  try {
    const [port, controllerPort, securedPort] = await freePorts(3);
    const extra = secured ? await securedListener(folder, securedPort, secured) : undefined;
    const file = join(folder, 'server.properties');
    const listeners = [`PLAINTEXT://127.0.0.1:${port}`, ...(extra ? [extra.listener] : [])];
    const all = {
      ...SETTINGS,
      'log.dirs': join(folder, 'data'),
      'controller.quorum.voters': `1@127.0.0.1:${controllerPort}`,
      listeners: [...listeners, `CONTROLLER://127.0.0.1:${controllerPort}`].join(','),
      'advertised.listeners': listeners.join(','),
      'listener.security.protocol.map': [
        'CONTROLLER:PLAINTEXT',
        'PLAINTEXT:PLAINTEXT',
        ...(extra?.protocols ?? []),
      ].join(),
      ...extra?.settings,
      ...settings,
    };
    const lines = Object.entries(all).map(([name, value]) => `${name}=${value}\n`);
    writeFileSync(file, lines.join(''), { mode: 0o600 });
    const jvm = ['-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-Xshare:auto', '-cp', join(jars, '*')];
    // Kafka's ids are UUIDs in base64url.
    const cluster = randomBytes(16).toString('base64url').replace(/^-/, 'x');
    const users = extra?.scram ?? [];
    await run(java, [...jvm, 'kafka.tools.StorageTool', 'format', '-t', cluster, '-c', file, ...users]);
    const broker = supervise({
      name: 'kafka',
      program: java,
      args: ['-Xmx512m', ...jvm, 'kafka.Kafka', file],
      folder,
      keeper,
      ready: (signal) => answers(port, signal),
    });
    await broker.start();
    return {
      brokers: [`127.0.0.1:${port}`],
      ...(extra ? { secured: extra.client } : {}),
      logFile: broker.log,
      get pid() {
        return broker.pid;
      },
      kill: () => broker.kill(),
      pause: broker.pause,
      resume: broker.resume,
      restart: broker.restart,
      stop: () => keeper.end(),
    };
  } catch (error) {
    await keeper.end();
    throw error;
  }
}

/**
 * Asks which API versions there are. The port is open long before the broker takes requests; then it answers.
 * https://kafka.apache.org/protocol#The_Messages_ApiVersions
 */
function answers(port, signal) {
  const API_VERSIONS = 18;
  const request = Buffer.alloc(14);
  request.writeInt32BE(10, 0);
  request.writeInt16BE(API_VERSIONS, 4);
  request.writeInt32BE(1, 8);
  request.writeInt16BE(-1, 12);
  return new Promise((done, fail) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(request));
    const end = (result) => {
      socket.destroy();
      result instanceof Error ? fail(result) : done(result);
    };
    socket.once('data', () => end(true)).once('error', end);
    socket.once('close', () => end(false));
    signal.addEventListener('abort', () => end(signal.reason));
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({ options: { ...PROGRAM_OPTIONS, options: { type: 'string' } } });
  await runAsProgram('kafka', () => startKafka(JSON.parse(values.options ?? '{}')), values);
}
