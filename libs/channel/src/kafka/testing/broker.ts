import { randomUUID } from 'node:crypto';
import type { Channel } from '../../channel.js';
import { type KafkaAddress, readKafkaAddress } from '../address.js';
import type { ChannelLog } from '../client.js';
import { type KafkaChannelOptions, createKafkaChannel } from '../kafka-channel.js';

export interface LinesLog extends ChannelLog {
  readonly lines: string[];
}

/** Keeps what is said, from `info` up. */
export function linesLog(): LinesLog {
  const lines: string[] = [];
  const keep = (line: string): void => void lines.push(line);
  return { lines, info: keep, warn: keep, error: keep };
}

/** The broker that the run was given, under a prefix that nobody else has. */
export function ownAddress(parameters: Readonly<Record<string, string>> = {}): KafkaAddress {
  const brokers = process.env['KAFKA_BROKERS'];
  if (!brokers) throw new Error('KAFKA_BROKERS is not set: run this suite with tests/kafka/jest.config.cjs');
  const query = new URLSearchParams({ prefix: `t${randomUUID().slice(0, 8)}-`, ...parameters });
  return readKafkaAddress(`kafka://${brokers}?${query.toString()}`);
}

export function openChannel(address: KafkaAddress, options: Partial<KafkaChannelOptions> = {}): Channel {
  return createKafkaChannel({
    address,
    log: linesLog(),
    locations: () => Promise.resolve(['here', 'there']),
    locationsIntervalMs: 200,
    ...options,
  });
}
