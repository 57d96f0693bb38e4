import { DefinedStrategy } from '@waybill/domain';
import { z } from 'zod';

/** Kubernetes quantities: https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/ */
const Quantity = z.string().regex(/^[0-9]+(\.[0-9]+)?(m|k|M|G|T|Ki|Mi|Gi|Ti)?$/, 'a quantity such as 500m or 256Mi');

/** A CPU count may be written as a number, as in Kubernetes: `cpu: 2`. */
const QuantityOrNumber = z
  .union([Quantity, z.number().positive()], 'a quantity such as 500m or 256Mi')
  .transform((quantity) => String(quantity));

const SecretKey = z
  .strictObject({
    from: z
      .string()
      .regex(
        /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?\/[A-Za-z0-9._-]+$/,
        'a reference <secret>/<key>, such as shop-db/password',
      )
      .describe('`<secret>/<key>`: the secret as it is called where the service runs, and the key in it.'),
  })
  .describe('A value that stands in a secret. The value itself is never written here.');

const Environment = z
  .record(
    z.string().regex(/^(?!__proto__$)[A-Za-z_][A-Za-z0-9_.-]*$/, 'a variable name of letters, digits and _'),
    z.union(
      [z.string(), SecretKey],
      'must be a text (put numbers and true/false in quotes) or { from: <secret>/<key> }',
    ),
  )
  .describe('Environment variables: name to text, or to `{ from: <secret>/<key> }`.');

const Autoscaling = z
  .strictObject({
    minReplicas: z.int().min(1).max(1000).describe('Fewest instances.'),
    maxReplicas: z.int().min(1).max(1000).describe('Most instances.'),
    targetCpuPercent: z.int().min(1).max(100).describe('Average CPU use, percent of the request, that is aimed at.'),
  })
  .refine(({ minReplicas, maxReplicas }) => minReplicas <= maxReplicas, {
    message: 'must not be below minReplicas',
    path: ['maxReplicas'],
  });

/** `waybill.yaml` of a configuration directory. The published JSON schema is made from it. */
export const WaybillYaml = z
  .strictObject({
    replicas: z.int().min(0).max(1000).default(1).describe('Instances of the service, 0 to stop it.'),
    cpu: QuantityOrNumber.optional().describe('CPU of one instance, requested and limited alike: `500m`, `2`.'),
    memory: QuantityOrNumber.optional().describe('Memory of one instance, requested and limited alike: `256Mi`.'),
    env: Environment.default({}),
    autoscaling: Autoscaling.optional().describe('Scales between two bounds by CPU use, in place of `replicas`.'),
    strategy: DefinedStrategy.optional().describe('How a new version is rolled out, in place of the rule’s strategy.'),
  })
  .describe('How a service runs in one environment: waybill.yaml.');
export type WaybillYaml = z.output<typeof WaybillYaml>;

/** What `waybill.yaml` says, environment variables sorted into texts and references. */
export interface Settings extends Omit<WaybillYaml, 'env'> {
  readonly env: Record<string, string>;
  /** Variable to the secret and key its value stands in. */
  readonly secretEnv: Record<string, { secret: string; key: string }>;
}

export function settingsOf({ env, ...rest }: WaybillYaml): Settings {
  const texts: Record<string, string> = {};
  const secretEnv: Settings['secretEnv'] = {};
  for (const [name, value] of Object.entries(env)) {
    if (typeof value === 'string') {
      texts[name] = value;
      continue;
    }
    const slash = value.from.indexOf('/');
    secretEnv[name] = { secret: value.from.slice(0, slash), key: value.from.slice(slash + 1) };
  }
  return { ...rest, env: texts, secretEnv };
}
