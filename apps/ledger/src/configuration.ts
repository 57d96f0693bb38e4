import { readKafkaAddress } from '@waybill/channel';
import { WaybillError, isWaybillError } from '@waybill/kernel';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import type { ChannelAddress } from './channel.js';
import { type WitnessAddress, parseWitness } from './evidence/witness.js';

export const ROLES = [
  'api',
  'projector',
  'policies',
  'dispatcher',
  'reports',
  'operator',
  'checkpointer',
  'feed',
] as const;
export type RoleName = (typeof ROLES)[number];

export interface Configuration {
  /** Absolute path of the data folder. */
  readonly data: string;
  /** Address of the event store; may hold credentials, so it is printed nowhere. */
  readonly eventStore: string;
  /** Where views are: `sqlite:` (in the data folder) or `postgres://…`. */
  readonly views: string;
  readonly state: string;
  /** The channel to the operators; may hold a password, so it is printed nowhere. */
  readonly channel: ChannelAddress;
  /** `port` 0 takes a free one. */
  readonly listen: { readonly host: string; readonly port: number };
  readonly roles: ReadonlySet<RoleName>;
  /** Between two looks at the config repositories. */
  readonly configIntervalSeconds: number;
  /** Between two looks for hand edits in the repositories of locations. */
  readonly driftIntervalSeconds: number;
  /** A checkpoint is signed after so many events, and at the latest after so many minutes. */
  readonly checkpoint: { readonly events: number; readonly minutes: number };
  /** Who else keeps the checkpoints. */
  readonly witness: WitnessAddress | undefined;
  /** Make a new admin token and end. */
  readonly newAdminToken: boolean;
  /** Let another key sign checkpoints from here on, and end. */
  readonly rotateKey: boolean;
  /** Print the flags and end. */
  readonly help: boolean;
}

/** The embedded files, or a server: the engine itself reads the rest of the address. */
const EVENT_STORE = /^(sqlite:$|(esdb|kurrentdb|kdb)(\+discover)?:\/\/.)/;
const CHANNEL = /^(in-process:$|kafka:)/;
const ROWS = /^(sqlite:$|postgres(ql)?:\/\/.)/;

/** Variables in the order in which they are documented; the flag of `WAYBILL_DATA` is `--data`. */
const VARIABLES = {
  WAYBILL_DATA: z.string().min(1, 'is empty').default('.waybill'),
  WAYBILL_LISTEN: z.string().default('127.0.0.1:7070').transform(listenAddress),
  WAYBILL_EVENT_STORE: z
    .string()
    .default('sqlite:')
    .refine((url) => EVENT_STORE.test(url), 'give sqlite: or an address such as esdb://localhost:2113?tls=false'),
  WAYBILL_VIEWS: z
    .string()
    .default('sqlite:')
    .refine((url) => ROWS.test(url), 'give sqlite: or an address such as postgres://waybill@localhost:5432/waybill'),
  WAYBILL_STATE: z
    .string()
    .default('sqlite:')
    .refine((url) => ROWS.test(url), 'give sqlite: or an address such as postgres://waybill@localhost:5432/waybill'),
  WAYBILL_CHANNEL: z
    .string()
    .default('in-process:')
    .refine((url) => CHANNEL.test(url), 'give in-process: or an address such as kafka://localhost:9092'),
  WAYBILL_ROLES: z.string().default(ROLES.join(',')).transform(roleNames),
  WAYBILL_CONFIG_INTERVAL: seconds(15),
  WAYBILL_DRIFT_INTERVAL: seconds(15),
  WAYBILL_CHECKPOINT_EVENTS: number({ preset: 1000, whole: true, most: 1_000_000, unit: 'events' }),
  WAYBILL_CHECKPOINT_MINUTES: number({ preset: 10, whole: false, most: 10_080, unit: 'minutes' }),
  WAYBILL_WITNESS: z.string().optional().transform(witnessAddress),
} as const;
export type Variable = keyof typeof VARIABLES;

const Environment = z.object(VARIABLES);

export const flagOf = (variable: Variable): string =>
  variable.slice('WAYBILL_'.length).toLowerCase().replaceAll('_', '-');

/**
 * Reads flags and, behind them, environment variables. Throws `CONFIGURATION` with one sentence naming the variable
 * or flag at fault.
 */
export function readConfiguration(
  args: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): Configuration {
  const { flags, newAdminToken, rotateKey, help } = readFlags(args);
  const given: Partial<Record<Variable, string>> = {};
  for (const variable of Object.keys(VARIABLES) as Variable[]) {
    const value = flags[flagOf(variable)] ?? environment[variable];
    if (value !== undefined) given[variable] = value;
  }
  const wrong = (variable: Variable, sentence: string): WaybillError => {
    const name = flags[flagOf(variable)] === undefined ? variable : `--${flagOf(variable)}`;
    return new WaybillError('CONFIGURATION', `${name}=${withoutPassword(given[variable] ?? '')}: ${sentence}.`);
  };
  const parsed = Environment.safeParse(given);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw wrong(issue!.path[0] as Variable, issue!.message);
  }
  const { WAYBILL_DATA, WAYBILL_LISTEN, WAYBILL_ROLES } = parsed.data;
  return {
    data: resolve(WAYBILL_DATA),
    eventStore: parsed.data.WAYBILL_EVENT_STORE,
    views: parsed.data.WAYBILL_VIEWS,
    state: parsed.data.WAYBILL_STATE,
    channel: channelAddress(parsed.data.WAYBILL_CHANNEL, environment, (sentence) => wrong('WAYBILL_CHANNEL', sentence)),
    listen: WAYBILL_LISTEN,
    roles: WAYBILL_ROLES,
    configIntervalSeconds: parsed.data.WAYBILL_CONFIG_INTERVAL,
    driftIntervalSeconds: parsed.data.WAYBILL_DRIFT_INTERVAL,
    checkpoint: { events: parsed.data.WAYBILL_CHECKPOINT_EVENTS, minutes: parsed.data.WAYBILL_CHECKPOINT_MINUTES },
    witness: parsed.data.WAYBILL_WITNESS,
    newAdminToken,
    rotateKey,
    help,
  };
}

/** Addresses of engines may carry credentials, which must not reach a terminal or a log. */
const withoutPassword = (value: string): string =>
  value.replace(/\/\/.*@/s, '//…@').replace(/([?&]\w*password=)[^&]*/gi, '$1…');

const NEW_ADMIN_TOKEN = 'new-admin-token';
const ROTATE_KEY = 'rotate-key';
const HELP = 'help';

function readFlags(args: readonly string[]): {
  readonly flags: Readonly<Record<string, string | undefined>>;
  readonly newAdminToken: boolean;
  readonly rotateKey: boolean;
  readonly help: boolean;
} {
  const names = (Object.keys(VARIABLES) as Variable[]).map(flagOf);
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        ...Object.fromEntries(names.map((name) => [name, { type: 'string' as const }])),
        [NEW_ADMIN_TOKEN]: { type: 'boolean' },
        [ROTATE_KEY]: { type: 'boolean' },
        [HELP]: { type: 'boolean' },
      },
      strict: true,
      allowPositionals: false,
    });
    const { [NEW_ADMIN_TOKEN]: newAdminToken, [ROTATE_KEY]: rotateKey, [HELP]: help, ...flags } = values;
    return {
      flags: flags as Record<string, string | undefined>,
      newAdminToken: newAdminToken === true,
      rotateKey: rotateKey === true,
      help: help === true,
    };
  } catch (error) {
    const [sentence] = (error instanceof Error ? error.message : String(error)).split('. ');
    throw new WaybillError(
      'CONFIGURATION',
      `${sentence}. Flags are ${[...names, NEW_ADMIN_TOKEN, ROTATE_KEY, HELP].map((name) => `--${name}`).join(', ')}.`,
    );
  }
}

function listenAddress(text: string, context: z.RefinementCtx): { host: string; port: number } {
  const match = /^(?:(?<host>[^:\s]+|\[[0-9a-fA-F:.]+\]):)?(?<port>\d{1,5})$/.exec(text);
  const port = Number(match?.groups?.['port']);
  if (!match || port > 65_535) {
    context.addIssue({ code: 'custom', message: 'give an address such as 127.0.0.1:7070' });
    return z.NEVER;
  }
  return { host: (match.groups?.['host'] ?? '127.0.0.1').replace(/^\[|\]$/g, ''), port };
}

function channelAddress(
  url: string,
  environment: Readonly<Record<string, string | undefined>>,
  wrong: (sentence: string) => WaybillError,
): ChannelAddress {
  if (url === 'in-process:') return { kind: 'in-process' };
  try {
    return { kind: 'kafka', address: readKafkaAddress(url, environment) };
  } catch (error) {
    throw isWaybillError(error, 'CONFIGURATION') ? wrong(error.message) : error;
  }
}

function roleNames(text: string, context: z.RefinementCtx): ReadonlySet<RoleName> {
  const names = text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  const unknown = names.filter((name) => !ROLES.some((role) => role === name));
  if (names.length === 0 || unknown.length > 0) {
    const what = unknown.length > 0 ? `no role is called ${unknown.join(', ')}` : 'names no role';
    context.addIssue({ code: 'custom', message: `${what}; the roles are ${ROLES.join(', ')}` });
    return z.NEVER;
  }
  return new Set(ROLES.filter((role) => names.includes(role)));
}

function seconds(preset: number) {
  return number({ preset, whole: false, most: 86_400, unit: 'seconds' });
}

function number({ preset, whole, most, unit }: { preset: number; whole: boolean; most: number; unit: string }) {
  return z
    .string()
    .default(String(preset))
    .transform((text, context) => {
      const value = Number(text);
      if ((whole ? /^\d+$/ : /^\d+(\.\d+)?$/).test(text) && value > 0 && value <= most) return value;
      const kind = whole ? 'whole number' : 'number';
      context.addIssue({ code: 'custom', message: `give a ${kind} of ${unit} above 0, at most ${most}` });
      return z.NEVER;
    });
}

function witnessAddress(text: string | undefined, context: z.RefinementCtx): WitnessAddress | undefined {
  if (text === undefined || text === '') return undefined;
  const address = parseWitness(text);
  if (typeof address !== 'string') return address;
  context.addIssue({ code: 'custom', message: address });
  return z.NEVER;
}
