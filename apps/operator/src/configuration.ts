import { LocationKey } from '@waybill/domain';
import { WaybillError } from '@waybill/kernel';
import { hostname } from 'node:os';
import { parseArgs } from 'node:util';
import { z } from 'zod';

export interface Configuration {
  readonly location: string;
  /** Address of Kafka; may hold credentials, so it is printed nowhere. */
  readonly channel: string;
  /** Path of a kubeconfig; without one the usual places, and inside a cluster the service account. */
  readonly kubeconfig: string | undefined;
  readonly context: string | undefined;
  readonly namespace: string;
  /** `port` 0 takes a free one. */
  readonly listen: { readonly host: string; readonly port: number };
  /** Name of this process among those that want to lead. */
  readonly identity: string;
  /** No other process that lives ever has this name. */
  readonly identityIsOurs: boolean;
  readonly progressDeadlineSeconds: number;
  readonly driftPolicy: 'Heal' | 'Report';
  /** Everything is compared once more within so many seconds. */
  readonly driftIntervalSeconds: number;
  /** What was given of {@link PASSED_ON}, as it was given: goes into the manifests. */
  readonly settings: Readonly<Record<string, string>>;
  /** Whether the CRD is printed with its rules, which Kubernetes has since 1.25. */
  readonly crdRules: boolean;
  /** What to do: run, or print something and end. */
  readonly action: 'run' | 'print-manifests' | 'help';
}

const NAMESPACE = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;

/** Variables in the order in which they are documented; the flag of `WAYBILL_LOCATION` is `--location`. */
const VARIABLES = {
  WAYBILL_LOCATION: z.string({ error: 'say which location this operator serves, such as dev' }).pipe(LocationKey),
  WAYBILL_CHANNEL: z
    .string({ error: 'say where Kafka is, such as kafka://localhost:9092' })
    .refine((url) => url.startsWith('kafka://'), 'give the address of Kafka, such as kafka://localhost:9092'),
  WAYBILL_KUBECONFIG: z.string().min(1, 'is empty').optional(),
  WAYBILL_CONTEXT: z.string().min(1, 'is empty').optional(),
  WAYBILL_NAMESPACE: z
    .string()
    .default('waybill-system')
    .refine((name) => NAMESPACE.test(name), 'is no name of a namespace'),
  WAYBILL_LISTEN: z.string().default('127.0.0.1:7071').transform(listenAddress),
  WAYBILL_IDENTITY: z.string().min(1, 'is empty').max(200, 'at most 200 characters').optional(),
  WAYBILL_UNIQUE_IDENTITY: z
    .string()
    .default('false')
    .refine((flag) => flag === 'true' || flag === 'false', 'give true or false'),
  WAYBILL_PROGRESS_DEADLINE: seconds(600),
  WAYBILL_DRIFT_POLICY: z
    .string()
    .default('heal')
    .refine((policy) => policy === 'heal' || policy === 'report', 'give heal or report'),
  WAYBILL_DRIFT_INTERVAL: seconds(600),
} as const;
export type Variable = keyof typeof VARIABLES;

const Environment = z.object(VARIABLES);
const ACTIONS = ['print-manifests', 'help'] as const;
const WITHOUT_RULES = 'without-crd-rules';

/** An operator in the cluster gets these as they were given to `--print-manifests`. */
const PASSED_ON = ['WAYBILL_PROGRESS_DEADLINE', 'WAYBILL_DRIFT_POLICY', 'WAYBILL_DRIFT_INTERVAL'] as const;

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
  const { flags, action, crdRules } = readFlags(args);
  const given: Partial<Record<Variable, string>> = {};
  for (const variable of Object.keys(VARIABLES) as Variable[]) {
    const value = flags[flagOf(variable)] ?? environment[variable];
    if (value !== undefined) given[variable] = value;
  }
  // What is only printed needs no cluster and no Kafka that exist.
  const parsed = Environment.safeParse(action === 'run' ? given : { ...EXAMPLES, ...given });
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const variable = issue!.path[0] as Variable;
    const name = flags[flagOf(variable)] === undefined ? variable : `--${flagOf(variable)}`;
    const value = given[variable];
    const what = value === undefined ? `${name} is not set` : `${name}=${withoutPassword(value)}`;
    throw new WaybillError('CONFIGURATION', `${what}: ${issue!.message}.`);
  }
  const { data } = parsed;
  return {
    location: data.WAYBILL_LOCATION,
    channel: data.WAYBILL_CHANNEL,
    kubeconfig: data.WAYBILL_KUBECONFIG,
    context: data.WAYBILL_CONTEXT,
    namespace: data.WAYBILL_NAMESPACE,
    listen: data.WAYBILL_LISTEN,
    identity: data.WAYBILL_IDENTITY ?? `${hostname()}-${process.pid}`,
    identityIsOurs: data.WAYBILL_UNIQUE_IDENTITY === 'true',
    progressDeadlineSeconds: data.WAYBILL_PROGRESS_DEADLINE,
    driftPolicy: data.WAYBILL_DRIFT_POLICY === 'heal' ? 'Heal' : 'Report',
    driftIntervalSeconds: data.WAYBILL_DRIFT_INTERVAL,
    settings: Object.fromEntries(PASSED_ON.flatMap((name) => (given[name] === undefined ? [] : [[name, given[name]]]))),
    crdRules,
    action,
  };
}

const EXAMPLES = { WAYBILL_LOCATION: 'dev', WAYBILL_CHANNEL: 'kafka://kafka.kafka:9092' };

/** Addresses may carry credentials, which must not reach a terminal or a log. */
const withoutPassword = (value: string): string =>
  value.replace(/\/\/.*@/s, '//…@').replace(/([?&]\w*password=)[^&]*/gi, '$1…');

function readFlags(args: readonly string[]): {
  readonly flags: Readonly<Record<string, string | undefined>>;
  readonly action: Configuration['action'];
  readonly crdRules: boolean;
} {
  const names = (Object.keys(VARIABLES) as Variable[]).map(flagOf);
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        ...Object.fromEntries(names.map((name) => [name, { type: 'string' as const }])),
        ...Object.fromEntries([...ACTIONS, WITHOUT_RULES].map((name) => [name, { type: 'boolean' as const }])),
      },
      strict: true,
      allowPositionals: false,
    });
    const action = ACTIONS.find((name) => values[name] === true) ?? 'run';
    return {
      flags: values as Record<string, string | undefined>,
      action,
      crdRules: values[WITHOUT_RULES] !== true,
    };
  } catch (error) {
    const [sentence] = (error instanceof Error ? error.message : String(error)).split(/\.?\n|\. /);
    const flags = [...names, ...ACTIONS, WITHOUT_RULES].map((name) => `--${name}`).join(', ');
    throw new WaybillError('CONFIGURATION', `${sentence}. Flags are ${flags}.`);
  }
}

function listenAddress(text: string, context: z.RefinementCtx): { host: string; port: number } {
  const match = /^(?:(?<host>[^:\s]+|\[[0-9a-fA-F:.]+\]):)?(?<port>\d{1,5})$/.exec(text);
  const port = Number(match?.groups?.['port']);
  if (!match || port > 65_535) {
    context.addIssue({ code: 'custom', message: 'give an address such as 127.0.0.1:7071' });
    return z.NEVER;
  }
  return { host: (match.groups?.['host'] ?? '127.0.0.1').replace(/^\[|\]$/g, ''), port };
}

function seconds(preset: number) {
  return z
    .string()
    .default(String(preset))
    .transform((text, context) => {
      const value = Number(text);
      if (/^\d+$/.test(text) && value > 0 && value <= 86_400) return value;
      context.addIssue({ code: 'custom', message: 'give a whole number of seconds above 0, at most 86400' });
      return z.NEVER;
    });
}
