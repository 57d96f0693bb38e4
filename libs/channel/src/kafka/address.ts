import { WaybillError } from '@waybill/kernel';
import { readFileSync } from 'node:fs';

/** Where the brokers are and how to speak to them. Holds the password: printed nowhere. */
export interface KafkaAddress {
  /** `host:port` each. */
  readonly brokers: readonly string[];
  /** Goes before the name of every topic, group and transactional id. */
  readonly prefix: string;
  /** PEM texts; undefined for plain text. */
  readonly ssl: { readonly ca?: string; readonly cert?: string; readonly key?: string } | undefined;
  readonly sasl:
    { readonly mechanism: SaslMechanism; readonly username: string; readonly password: string } | undefined;
  /** Copies of each topic that is created; undefined leaves it to the broker. */
  readonly replication: number | undefined;
  /** Whether topics that are not there are created. */
  readonly create: boolean;
}

const SASL_MECHANISMS = ['plain', 'scram-sha-256', 'scram-sha-512'] as const;
type SaslMechanism = (typeof SASL_MECHANISMS)[number];

const PARAMETERS = ['prefix', 'ssl', 'ca', 'cert', 'key', 'sasl', 'user', 'replication', 'create'] as const;
type Parameter = (typeof PARAMETERS)[number];

const EXAMPLE = 'kafka://broker1:9092,broker2:9092?prefix=test-';

/** What names of topics may be made of, with room for the longest location behind it. */
const PREFIX = /^[a-zA-Z0-9._-]{0,80}$/;

const BROKER = /^[a-zA-Z0-9]([a-zA-Z0-9._-]*[a-zA-Z0-9])?:(\d{1,5})$/;

/**
 * Reads `kafka://host:port,host:port?prefix=…&ssl=true&ca=<file>&cert=<file>&key=<file>&sasl=plain|scram-sha-256|
 * scram-sha-512&user=…&replication=<n>&create=false`. The password comes from `WAYBILL_KAFKA_PASSWORD`, or from the
 * file that `WAYBILL_KAFKA_PASSWORD_FILE` names. Throws `CONFIGURATION` with one sentence that repeats no secret.
 */
export function readKafkaAddress(
  url: string,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): KafkaAddress {
  const match = /^kafka:\/\/([^/?#]+)\/?(?:\?([^#]*))?$/.exec(url);
  if (!match) throw wrong(`give an address such as ${EXAMPLE}`);
  const [, hosts, query] = match;
  if (hosts!.includes('@')) throw wrong('give the user as ?user= and the password in WAYBILL_KAFKA_PASSWORD');
  const brokers = hosts!.split(',');
  for (const broker of brokers) {
    const port = Number(BROKER.exec(broker)?.[2]);
    if (!(port > 0 && port < 65_536)) throw wrong(`${broker} is no broker; give host:port, such as ${EXAMPLE}`);
  }
  const given = parametersOf(query ?? '');
  const prefix = given.prefix ?? '';
  if (!PREFIX.test(prefix)) throw wrong('prefix is made of letters, digits, dots, hyphens and underscores, 80 at most');
  return {
    brokers,
    prefix,
    ssl: sslOf(given),
    sasl: saslOf(given, environment),
    replication: replicationOf(given.replication),
    create: flagOf('create', given.create) ?? true,
  };
}

function parametersOf(query: string): Partial<Record<Parameter, string>> {
  const given: Partial<Record<Parameter, string>> = {};
  for (const [name, value] of new URLSearchParams(query)) {
    const known = PARAMETERS.find((parameter) => parameter === name);
    if (!known) throw wrong(`no parameter is called ${name}; there are ${PARAMETERS.join(', ')}`);
    if (given[known] !== undefined) throw wrong(`${name} is given twice`);
    given[known] = value;
  }
  return given;
}

function sslOf(given: Partial<Record<Parameter, string>>): KafkaAddress['ssl'] {
  const files = (['ca', 'cert', 'key'] as const).filter((name) => given[name] !== undefined);
  const wanted = flagOf('ssl', given.ssl) ?? files.length > 0;
  if (!wanted && files.length > 0) throw wrong(`${files[0]!} needs ssl=true`);
  if (!wanted) return undefined;
  if ((given.cert === undefined) !== (given.key === undefined)) throw wrong('cert and key go together');
  return Object.fromEntries(files.map((name) => [name, readText(name, given[name]!)]));
}

function saslOf(
  given: Partial<Record<Parameter, string>>,
  environment: Readonly<Record<string, string | undefined>>,
): KafkaAddress['sasl'] {
  if (given.sasl === undefined) {
    if (given.user !== undefined) throw wrong(`user needs sasl=${SASL_MECHANISMS.join('|')}`);
    return undefined;
  }
  const mechanism = SASL_MECHANISMS.find((name) => name === given.sasl);
  if (!mechanism) throw wrong(`sasl is one of ${SASL_MECHANISMS.join(', ')}`);
  if (!given.user) throw wrong('sasl needs a user');
  const file = environment['WAYBILL_KAFKA_PASSWORD_FILE'];
  const password =
    environment['WAYBILL_KAFKA_PASSWORD'] ??
    (file ? readText('WAYBILL_KAFKA_PASSWORD_FILE', file).replace(/\r?\n$/, '') : '');
  if (!password) throw wrong('sasl needs a password in WAYBILL_KAFKA_PASSWORD or WAYBILL_KAFKA_PASSWORD_FILE');
  return { mechanism, username: given.user, password };
}

function flagOf(name: string, text: string | undefined): boolean | undefined {
  if (text === undefined) return undefined;
  if (text !== 'true' && text !== 'false') throw wrong(`${name} is true or false`);
  return text === 'true';
}

function replicationOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^[1-9]\d?$/.test(text)) throw wrong('replication is a whole number from 1 to 99');
  return Number(text);
}

function readText(name: string, file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw wrong(`the file of ${name}, ${file}, cannot be read (${code ?? 'unknown error'})`);
  }
}

const wrong = (sentence: string): WaybillError => new WaybillError('CONFIGURATION', sentence);
