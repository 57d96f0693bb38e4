import { RetryableError, WaybillError, isWaybillError } from '@waybill/kernel';

interface KafkaFault {
  readonly name: string;
  readonly type?: string;
  readonly message: string;
  readonly cause?: unknown;
}

/** Another producer with the same transactional id was started: this one must not write any more (KIP-98). */
const FENCED = new Set(['INVALID_PRODUCER_EPOCH', 'PRODUCER_FENCED', 'INVALID_PRODUCER_ID_MAPPING']);

/** Nothing that passes by itself: somebody has to change the broker's settings or ours. */
const REFUSED: Readonly<Record<string, string>> = {
  TOPIC_AUTHORIZATION_FAILED: 'Grant this user the topic; docs/kafka.md lists what each side needs.',
  GROUP_AUTHORIZATION_FAILED: 'Grant this user the group; docs/kafka.md lists what each side needs.',
  CLUSTER_AUTHORIZATION_FAILED: 'Grant this user to create topics, or create them first and give create=false.',
  TRANSACTIONAL_ID_AUTHORIZATION_FAILED: 'Grant this user the transactional id; docs/kafka.md lists what is needed.',
  SASL_AUTHENTICATION_FAILED: 'Check the user, WAYBILL_KAFKA_PASSWORD and the mechanism.',
  UNSUPPORTED_SASL_MECHANISM: 'Give a mechanism that the broker has: sasl=plain, scram-sha-256 or scram-sha-512.',
  POLICY_VIOLATION: "The broker's policy refuses this topic: create it first and give create=false.",
  INVALID_REPLICATION_FACTOR: 'Give replication= as many as there are brokers, at most.',
};

/** The innermost fault that carries an error type of the protocol, else the innermost one. */
function innermost(error: unknown): KafkaFault {
  let found = error as KafkaFault;
  for (let at: unknown = error; at instanceof Error; at = at.cause) {
    found = at as KafkaFault;
    if (found.type !== undefined) break;
  }
  return found;
}

export const isFenced = (error: unknown): boolean => FENCED.has(innermost(error).type ?? '');

/** Whether it is worth trying again without anybody changing anything. */
export function passes(error: unknown): boolean {
  return error instanceof RetryableError || !isWaybillError(error);
}

/** Says what could not be done in words of the channel; faults of ours go through as they are. */
export function inWords(error: unknown, what: string): WaybillError {
  if (isWaybillError(error)) return error;
  const fault = innermost(error);
  const type = fault.name === 'KafkaJSSASLAuthenticationError' ? 'SASL_AUTHENTICATION_FAILED' : (fault.type ?? '');
  const hint = REFUSED[type];
  if (hint !== undefined) return new WaybillError('CONFIGURATION', `${what}: ${fault.message}`, { hint, cause: error });
  return new RetryableError('STORE_UNAVAILABLE', `${what}: ${fault.message}`, { cause: error });
}
