import { once } from 'node:events';
import { type AddressInfo, type Socket, connect, createServer } from 'node:net';
import { type StartedKafka, startKafka } from '../../../tools/servers/for-specs.js';
import { type Gate, LEDGER, type Step } from './passage.js';

export interface ProxiedKafka {
  /** Of the proxy, which the broker itself tells as its own. */
  readonly brokers: string;
  stop(): Promise<void>;
}

/** A broker that can be reached through a proxy only. */
export async function startProxiedKafka(gate: Gate): Promise<ProxiedKafka> {
  const started: { kafka?: StartedKafka } = {};
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const [host = '', port = ''] = started.kafka?.brokers[0]?.split(':') ?? [];
    const broker = connect(Number(port), host);
    for (const socket of [client, broker]) sockets.add(socket);
    relay(client, broker, gate);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const brokers = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const kafka = await startKafka({ settings: { 'advertised.listeners': `PLAINTEXT://${brokers}` } });
  started.kafka = kafka;
  return {
    brokers,
    async stop() {
      server.close();
      for (const socket of sockets) socket.destroy();
      await kafka.stop();
    },
  };
}

function relay(client: Socket, broker: Socket, gate: Gate): void {
  const end = (): void => {
    client.destroy();
    broker.destroy();
  };
  const asked = new Map<number, Step>();
  client.on('error', end).on('close', end);
  broker.on('error', end).on('close', end);
  const requests = async (): Promise<void> => {
    for await (const frame of framesOf(client)) {
      const step = stepOf(frame);
      if (step) {
        if ((await gate(step, 'before')) === 'cut') return end();
        asked.set(frame.readInt32BE(8), step);
      }
      broker.write(frame);
    }
  };
  const answers = async (): Promise<void> => {
    for await (const frame of framesOf(broker)) {
      const correlation = frame.readInt32BE(4);
      const step = asked.get(correlation);
      asked.delete(correlation);
      if (step && (await gate(step, 'after')) === 'cut') return end();
      client.write(frame);
    }
  };
  requests().catch(end);
  answers().catch(end);
}

/** Whole messages, each with its length in front. https://kafka.apache.org/protocol#protocol_common */
async function* framesOf(socket: Socket): AsyncGenerator<Buffer> {
  let pending = Buffer.alloc(0);
  for await (const part of socket) {
    pending = Buffer.concat([pending, part as Buffer]);
    while (pending.length >= 4 && pending.length >= 4 + pending.readInt32BE(0)) {
      const end = 4 + pending.readInt32BE(0);
      yield pending.subarray(0, end);
      pending = pending.subarray(end);
    }
  }
}

const PRODUCE = 0;
const OFFSET_COMMIT = 8;
const OPERATOR = 'waybill-operator-';

function stepOf(frame: Buffer): Step | undefined {
  const api = frame.readInt16BE(4);
  if (api !== PRODUCE && api !== OFFSET_COMMIT) return undefined;
  const client = frame.toString('utf8', 14, 14 + Math.max(0, frame.readInt16BE(12)));
  if (client === 'waybill-ledger' && api === PRODUCE) return { location: LEDGER, name: 'desired' };
  if (!client.startsWith(OPERATOR)) return undefined;
  return { location: client.slice(OPERATOR.length), name: api === PRODUCE ? 'report' : 'offset' };
}
