import { WaybillError } from '@waybill/kernel';
import { type Admin, ConfigResourceTypes } from 'kafkajs';
import type { KafkaAddress } from './address.js';
import type { WithAdmin } from './client.js';
import { inWords } from './faults.js';

export type TopicKind = 'desired' | 'reports' | 'events' | 'dead letters';

/** Names of topics, groups and transactional ids. */
export interface Names {
  desired(location: string): string;
  reports(location: string): string;
  readonly events: string;
  readonly deadLetters: string;
  /** Of the operators of a location: one of them reads at a time. */
  operatorGroup(location: string): string;
  readonly ledgerGroup: string;
  /** Of the one writer of a location's desired state. */
  transactionalId(location: string): string;
}

export function namesWith(prefix: string): Names {
  return {
    desired: (location) => `${prefix}waybill.desired.${location}`,
    reports: (location) => `${prefix}waybill.reports.${location}`,
    events: `${prefix}waybill.events`,
    deadLetters: `${prefix}waybill.dead-letters`,
    operatorGroup: (location) => `${prefix}waybill-operator-${location}`,
    ledgerGroup: `${prefix}waybill-ledger-reports`,
    transactionalId: (location) => `${prefix}waybill-dispatcher-${location}`,
  };
}

const DAY = 86_400_000;

/** One record may be this large; the broker's default of 1 MiB is enough for a desired state, not for a resync. */
const LARGEST = 4 * 1024 * 1024;
const SMALLEST_LARGEST = 1_000_000;

const SETTINGS: Readonly<Record<TopicKind, Readonly<Record<string, string>>>> = {
  desired: {
    'cleanup.policy': 'compact',
    'min.cleanable.dirty.ratio': '0.1',
    'segment.ms': String(DAY),
    // An operator that was away for less than this still hears that an environment was retired.
    'delete.retention.ms': String(30 * DAY),
    'max.message.bytes': String(LARGEST),
  },
  reports: {
    'cleanup.policy': 'delete',
    'retention.ms': String(30 * DAY),
    'max.message.bytes': String(LARGEST),
  },
  events: { 'cleanup.policy': 'delete', 'retention.ms': String(30 * DAY) },
  'dead letters': {
    'cleanup.policy': 'delete',
    'retention.ms': String(90 * DAY),
    'max.message.bytes': String(2 * LARGEST),
  },
};

/** Order is kept within a partition only. */
const PARTITIONS = 1;

export interface Topics {
  /**
   * Creates the topic, or checks it when it is there. Throws `CONFIGURATION` naming the setting that is wrong, and a
   * retryable fault when the broker cannot be asked.
   */
  ensure(topic: string, kind: TopicKind): Promise<void>;
}

export function createTopics(withAdmin: WithAdmin, { create, replication }: KafkaAddress): Topics {
  async function check(client: Admin, topic: string, kind: TopicKind): Promise<void> {
    const { topics } = await client.fetchTopicMetadata({ topics: [topic] });
    const partitions = topics[0]?.partitions.length ?? 0;
    if (partitions !== PARTITIONS) throw wrongTopic(topic, kind, `${partitions} partitions`, `${PARTITIONS}`);
    const { resources } = await client.describeConfigs({
      includeSynonyms: false,
      resources: [
        { type: ConfigResourceTypes.TOPIC, name: topic, configNames: ['cleanup.policy', 'max.message.bytes'] },
      ],
    });
    const config = new Map(resources[0]?.configEntries.map(({ configName, configValue }) => [configName, configValue]));
    const policy = config.get('cleanup.policy') ?? '';
    const wanted = SETTINGS[kind]['cleanup.policy']!;
    if (policy !== wanted) throw wrongTopic(topic, kind, `cleanup.policy=${policy}`, wanted);
    const largest = Number(config.get('max.message.bytes'));
    if (largest < SMALLEST_LARGEST) {
      throw wrongTopic(topic, kind, `max.message.bytes=${largest}`, `${SMALLEST_LARGEST} or more`);
    }
  }

  return {
    async ensure(topic, kind) {
      try {
        await withAdmin(async (client) => {
          const created = create && (await createUnlessThere(client, topic, kind));
          if (!created) await check(client, topic, kind);
        });
      } catch (error) {
        throw inWords(error, `Topic ${topic} cannot be used`);
      }
    },
  };

  async function createUnlessThere(client: Admin, topic: string, kind: TopicKind): Promise<boolean> {
    const there = await client.listTopics();
    if (there.includes(topic)) return false;
    return client.createTopics({
      waitForLeaders: true,
      topics: [
        {
          topic,
          numPartitions: PARTITIONS,
          ...(replication === undefined ? {} : { replicationFactor: replication }),
          configEntries: Object.entries(SETTINGS[kind]).map(([name, value]) => ({ name, value })),
        },
      ],
    });
  }
}

function wrongTopic(topic: string, kind: TopicKind, has: string, wanted: string): WaybillError {
  return new WaybillError('CONFIGURATION', `Topic ${topic} has ${has}, and as a topic of ${kind} it needs ${wanted}`, {
    hint: 'Change the setting with kafka-configs, or delete the topic and let Waybill create it.',
  });
}
