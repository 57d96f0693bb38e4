import { z } from 'zod';
import { HostTemplate, STRATEGY_TYPES } from '../strategy.js';
import { PrincipalId, RepositoryUrl, ResourceKey, Tier } from '../vocabulary.js';

export const SECTIONS = ['developer', 'business', 'devops'] as const;
export type Section = (typeof SECTIONS)[number];

const PortName = z
  .string()
  .regex(/^[a-z]([a-z0-9-]{0,13}[a-z0-9])?$/, 'a port name: lower case, 15 characters at most');

const Probe = z.strictObject({
  path: z.string().startsWith('/', 'must start with /').max(200),
  /** Name of one of the ports. */
  port: PortName,
});

/** What the developer knows. */
export const DeveloperMetadata = z
  .strictObject({
    sourceRepository: RepositoryUrl,
    deliverable: z.discriminatedUnion('kind', [
      z.strictObject({
        kind: z.literal('image'),
        /** `registry/path/name`, without tag. */
        repository: z
          .string()
          .max(300)
          .regex(/^[a-z0-9]([a-z0-9._:/-]*[a-z0-9])?$/, 'an image repository'),
      }),
      z.strictObject({
        kind: z.literal('rpm'),
        package: z
          .string()
          .max(100)
          .regex(/^[A-Za-z0-9][A-Za-z0-9+._-]*$/, 'an rpm package name'),
      }),
    ]),
    ports: z
      .array(
        z.strictObject({
          name: PortName,
          port: z.int().min(1).max(65535),
          protocol: z.enum(['http', 'grpc', 'tcp']).default('http'),
        }),
      )
      .max(20),
    healthChecks: z.strictObject({ readiness: Probe.optional(), liveness: Probe.optional() }).default({}),
    config: z.strictObject({
      repository: RepositoryUrl,
      /** Branch of the config repository that holds the directories. */
      branch: z.string().min(1).max(250).default('main'),
    }),
  })
  .superRefine((metadata, context) => {
    const names = metadata.ports.map((port) => port.name);
    names.forEach((name, i) => {
      if (names.indexOf(name) !== i)
        context.addIssue({ code: 'custom', path: ['ports', i, 'name'], message: 'used twice' });
    });
    for (const kind of ['readiness', 'liveness'] as const) {
      const probe = metadata.healthChecks[kind];
      if (probe && !names.includes(probe.port)) {
        context.addIssue({
          code: 'custom',
          path: ['healthChecks', kind, 'port'],
          message: `no port is called ${probe.port}`,
        });
      }
    }
  });
export type DeveloperMetadata = z.infer<typeof DeveloperMetadata>;

const Weekday = z.enum(['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']);
const TimeOfDay = z.string().regex(/^([01][0-9]|2[0-3]):[0-5][0-9]$/, 'a time such as 09:30');

/** When releases of the named tiers may start. `from` after `to` spans midnight. */
export const ReleaseWindow = z.strictObject({
  timeZone: z.string().refine(isTimeZone, 'an IANA time zone such as Europe/Berlin'),
  days: z.array(Weekday).min(1).max(7),
  from: TimeOfDay,
  to: TimeOfDay,
  tiers: z.array(Tier).min(1).default(['prod']),
});
export type ReleaseWindow = z.infer<typeof ReleaseWindow>;

/** What the business knows. People are opaque ids. */
export const BusinessMetadata = z.strictObject({
  owner: PrincipalId,
  productLine: z.string().trim().min(1, 'is empty').max(100),
  /** Host names, `{slot}` standing for the slot: `{slot}.shop.example`. */
  domains: z.array(HostTemplate).max(20).default([]),
  trafficPolicy: z
    .strictObject({
      timeoutSeconds: z.int().min(1).max(3600).optional(),
      retries: z.int().min(0).max(10).optional(),
    })
    .default({}),
  releaseWindow: ReleaseWindow.optional(),
  approvers: z.array(PrincipalId).max(50).default([]),
  notify: z.array(PrincipalId).max(50).default([]),
});
export type BusinessMetadata = z.infer<typeof BusinessMetadata>;

/** Kubernetes quantities: https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/ */
const Quantity = z.string().regex(/^[0-9]+(\.[0-9]+)?(m|k|M|G|T|Ki|Mi|Gi|Ti)?$/, 'a quantity such as 500m or 256Mi');

/** What DevOps knows. */
export const DevopsMetadata = z.strictObject({
  quotas: z.strictObject({
    maxReplicas: z.int().min(1).max(1000),
    cpu: Quantity.optional(),
    memory: Quantity.optional(),
  }),
  /** Parameters that override those of a resource, for this project only. */
  resources: z.record(ResourceKey, z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]))).default({}),
  /** Strategies a tier allows; a tier not named allows all. */
  strategies: z.partialRecord(Tier, z.array(z.enum(STRATEGY_TYPES)).min(1)).default({}),
});
export type DevopsMetadata = z.infer<typeof DevopsMetadata>;

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
