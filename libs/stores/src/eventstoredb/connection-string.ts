import { WaybillError } from '@waybill/kernel';

export interface Host {
  readonly address: string;
  readonly port: number;
}

/** What an `esdb://` address says. */
export interface ConnectionSettings {
  readonly hosts: readonly Host[];
  /** `esdb+discover://`: the one host is a DNS name of the whole cluster. */
  readonly discover: boolean;
  readonly tls: boolean;
  readonly credentials: { readonly username: string; readonly password: string } | undefined;
  /** Paths of PEM files. */
  readonly files: Readonly<Partial<Record<'tlsCAFile' | 'userCertFile' | 'userKeyFile', string>>>;
  readonly nodePreference: NodePreference | undefined;
  readonly connectionName: string | undefined;
  /** Milliseconds and counts, as the client takes them. */
  readonly numbers: Readonly<Partial<Record<NumberKey, number>>>;
  /** Our own: put before every stream name, so that several ledgers can live in one server. Default: none. */
  readonly prefix: string;
}

export type NodePreference = 'leader' | 'follower' | 'random' | 'read_only_replica';
type NumberKey = (typeof NUMBER_KEYS)[number];

const NODE_PREFERENCES: readonly NodePreference[] = ['leader', 'follower', 'random', 'read_only_replica'];
const NUMBER_KEYS = [
  'defaultDeadline',
  'keepAliveInterval',
  'keepAliveTimeout',
  'maxDiscoverAttempts',
  'discoveryInterval',
  'gossipTimeout',
] as const;
const FILE_KEYS = ['tlsCAFile', 'userCertFile', 'userKeyFile'] as const;

const FORM = /^(?:esdb|kurrentdb|kdb)(\+discover)?:\/\/(?:([^@/?]*)@)?([^@/?]+)\/?(?:\?(.*))?$/;
const HOST = /^([A-Za-z0-9._-]+|\[[0-9A-Fa-f:]+\])(?::(\d{1,5}))?$/;
const PREFIX = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,79}$/;
const DEFAULT_PORT = 2113;

/** Streams that start like this are ours: see stream-names.ts. */
export const INTERNAL = 'waybill_';

/**
 * Takes `esdb://[user:password@]host[:port][,host[:port]…][?key=value&…]` apart. The client could do it too, but it
 * prints the whole string, password included, when it does not know a key.
 * Throws `CONFIGURATION`; the message never holds credentials.
 */
export function parseConnectionString(url: string): ConnectionSettings {
  const match = FORM.exec(url);
  if (!match) throw wrong('is not of the form esdb://host:port?tls=true');
  const [, discover, user, hosts, query] = match;
  const options = parseOptions(query ?? '');
  const numbers: Partial<Record<NumberKey, number>> = {};
  for (const key of NUMBER_KEYS) {
    const value = options.get(key);
    if (value === undefined) continue;
    if (!/^-?\d{1,10}$/.test(value)) throw wrong(`has a ${key} that is not a whole number`);
    numbers[key] = Number(value);
  }
  const files: Partial<Record<(typeof FILE_KEYS)[number], string>> = {};
  for (const key of FILE_KEYS) {
    const value = options.get(key);
    if (value !== undefined) files[key] = value;
  }
  if ((files.userCertFile === undefined) !== (files.userKeyFile === undefined)) {
    throw wrong('has one of userCertFile and userKeyFile, and needs both');
  }
  return {
    hosts: hosts!.split(',').map(parseHost),
    discover: discover !== undefined || flag(options, 'dnsDiscover', false),
    tls: flag(options, 'tls', true),
    credentials: parseCredentials(user),
    files,
    nodePreference: parseNodePreference(options.get('nodePreference')),
    connectionName: options.get('connectionName'),
    numbers,
    prefix: parsePrefix(options.get('prefix') ?? ''),
  };
}

const KNOWN_KEYS = [
  ...NUMBER_KEYS,
  ...FILE_KEYS,
  'tls',
  'tlsVerifyCert',
  'dnsDiscover',
  'nodePreference',
  'connectionName',
  'prefix',
] as const;

/** By key in our spelling; the client takes keys in any case. */
function parseOptions(query: string): ReadonlyMap<string, string> {
  const options = new Map<string, string>();
  for (const pair of query.split('&').filter((part) => part !== '')) {
    const [name = '', ...rest] = pair.split('=');
    const key = KNOWN_KEYS.find((known) => known.toLowerCase() === name.toLowerCase());
    if (key === undefined) throw wrong(`has an option ${JSON.stringify(name)} that is not known`);
    options.set(key, decoded(rest.join('='), key));
  }
  if (!flag(options, 'tlsVerifyCert', true)) {
    throw wrong('has tlsVerifyCert=false, which the client cannot do', 'Name the certificate authority: tlsCAFile.');
  }
  return options;
}

function flag(options: ReadonlyMap<string, string>, key: string, unset: boolean): boolean {
  const value = options.get(key);
  if (value === undefined) return unset;
  if (value !== 'true' && value !== 'false') throw wrong(`has a ${key} that is neither true nor false`);
  return value === 'true';
}

function parseHost(text: string): Host {
  const match = HOST.exec(text);
  const port = Number(match?.[2] ?? DEFAULT_PORT);
  if (!match || port < 1 || port > 65535) throw wrong('has a host that is not of the form name:port');
  return { address: match[1]!, port };
}

function parseCredentials(user: string | undefined): ConnectionSettings['credentials'] {
  if (user === undefined) return undefined;
  const [username = '', ...password] = user.split(':');
  if (username === '' || password.length !== 1) throw wrong('has credentials that are not of the form user:password');
  return { username: decoded(username, 'user'), password: decoded(password[0]!, 'password') };
}

function parseNodePreference(value: string | undefined): NodePreference | undefined {
  if (value === undefined) return undefined;
  const plain = (text: string): string => text.toLowerCase().replaceAll('_', '');
  const preference = NODE_PREFERENCES.find((known) => plain(known) === plain(value));
  if (!preference) throw wrong(`has a nodePreference that is none of ${NODE_PREFERENCES.join(', ')}`);
  return preference;
}

function parsePrefix(prefix: string): string {
  if (prefix !== '' && (!PREFIX.test(prefix) || prefix.startsWith(INTERNAL))) {
    throw wrong('has a prefix that is not made of 1 to 80 letters, digits, dots, dashes and underscores');
  }
  return prefix;
}

function decoded(text: string, what: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw wrong(`has a ${what} that is not percent-encoded`);
  }
}

function wrong(what: string, hint = 'Example: esdb://user:password@host:2113?tls=true'): WaybillError {
  return new WaybillError('CONFIGURATION', `the address of the event store ${what}`, { hint });
}
