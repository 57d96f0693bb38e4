import { z } from 'zod';

/** Most seconds of a pause, and of what is kept after a switch: a day. */
const DAY = 86_400;

/** Where a check looks. Credentials would end up in events: an analysis asks what needs none. */
const AnalysisUrl = z
  .string()
  .max(500, 'at most 500 characters')
  .superRefine((text, context) => {
    const problem = urlProblem(text);
    if (problem !== null) context.addIssue({ code: 'custom', message: problem });
  });

function urlProblem(text: string): string | null {
  if (/[\x00-\x20\x7f]/.test(text)) return 'holds spaces or control characters';
  if (!URL.canParse(text)) return 'not a URL such as http://shop-health.monitoring:8080/ready';
  const { protocol, username, password } = new URL(text);
  if (protocol !== 'http:' && protocol !== 'https:') return 'must begin with http:// or https://';
  // URL parses `http://@host` as one without a user: the mark alone shows that somebody left a place for one.
  if (username !== '' || password !== '' || /^[a-z]+:\/\/[^/?#]*@/i.test(text)) {
    return 'holds credentials: an analysis asks a server that needs none';
  }
  return null;
}

const measured = {
  timeoutSeconds: z.int().min(1).max(60).default(5),
  /** Seconds between two measurements. */
  intervalSeconds: z.int().min(1).max(3600),
  /** Measurements of one step. */
  count: z.int().min(1).max(100),
  /** Measurements that may fail or be inconclusive; one more ends the rollout. */
  failureLimit: z.int().min(0).max(99),
};

/** What decides whether a step was good: asked by the operator while the step is held. */
export const Analysis = z
  .discriminatedUnion('type', [
    z.strictObject({
      type: z.literal('http'),
      /** Asked with GET; `{slot}` stands for the slot. */
      url: AnalysisUrl,
      expectStatus: z.int().min(100).max(599).default(200),
      ...measured,
    }),
    z.strictObject({
      type: z.literal('prometheus'),
      /** Of the Prometheus server; `/api/v1/query` is asked. */
      address: AnalysisUrl,
      /** PromQL with one sample as its answer; `{slot}` stands for the slot. */
      query: z.string().trim().min(1, 'is empty').max(2000),
      /** The sample must not be above. */
      max: z.number().optional(),
      /** The sample must not be below. */
      min: z.number().optional(),
      ...measured,
    }),
  ])
  .superRefine((analysis, context) => {
    const add = (field: string, message: string): void => {
      context.addIssue({ code: 'custom', path: [field], message });
    };
    if (analysis.failureLimit >= analysis.count) {
      add('failureLimit', `must be below count (${analysis.count}), or the analysis can never fail`);
    }
    if (analysis.type !== 'prometheus') return;
    const { min, max } = analysis;
    if (min === undefined && max === undefined) add('max', 'give a threshold: max, min or both');
    if (min !== undefined && max !== undefined && min > max) add('min', `must not be above max (${max})`);
  });
export type Analysis = z.infer<typeof Analysis>;

/** A host name with `{slot}` where the slot stands, as in the project's domains. */
export const HostTemplate = z
  .string()
  .max(253)
  .regex(
    /^([a-z0-9]|\{slot\})(([a-z0-9.-]|\{slot\})*([a-z0-9]|\{slot\}))?$/,
    'a host name, {slot} standing for the slot',
  );

const CanaryStep = z.strictObject({
  /** Share of traffic for the new version, percent. */
  weight: z.int().min(1).max(100),
  /** Seconds to wait before the next step; null waits for `promote`. At 100 the old version is kept this long. */
  pauseSeconds: z.int().min(0).max(DAY).nullable(),
});

/** How a new version takes the place of the one that runs. What stands in events; what may be defined is stricter. */
export const Strategy = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('rolling') }),
  z.strictObject({
    type: z.literal('canary'),
    steps: z
      .array(CanaryStep)
      .min(1)
      .max(20)
      .superRefine((steps, context) => {
        steps.forEach(({ weight }, i) => {
          const before = steps[i - 1]?.weight ?? 0;
          if (weight > before) return;
          context.addIssue({
            code: 'custom',
            path: [i, 'weight'],
            message: `must be above the one before (${before})`,
          });
        });
      }),
    analysis: Analysis.optional(),
  }),
  z.strictObject({
    type: z.literal('blue-green'),
    /** Whether traffic is switched as soon as the new version is ready and its analysis passed; else `promote` does. */
    autoPromote: z.boolean(),
    /** Under which the new version is reached before the switch. */
    previewHost: HostTemplate.optional(),
    analysis: Analysis.optional(),
    /** Seconds that the old version stays up after the switch; 0 when left out. */
    retainSeconds: z.int().min(0).max(DAY).optional(),
  }),
]);
export type Strategy = z.infer<typeof Strategy>;

export const STRATEGY_TYPES = ['rolling', 'canary', 'blue-green'] as const satisfies readonly Strategy['type'][];

/** A strategy as it may be written today: the steps of a canary end at 100. Events may hold older ones that stop below. */
export const DefinedStrategy = Strategy.superRefine((strategy, context) => {
  for (const { path, message } of strategyProblems(strategy))
    context.addIssue({ code: 'custom', path: [...path], message });
});

/** What is wrong with a strategy beyond its shape, by path. */
export function strategyProblems(
  strategy: Strategy,
): { readonly path: readonly (string | number)[]; readonly message: string }[] {
  if (strategy.type !== 'canary') return [];
  const last = strategy.steps.length - 1;
  const weight = strategy.steps[last]?.weight;
  // None at all is a fault of its shape, which is told already.
  if (weight === undefined || weight === 100) return [];
  return [
    {
      path: ['steps', last, 'weight'],
      message: `the weights end at ${weight} and must come to 100: add a last step { weight: 100, pauseSeconds: 0 }`,
    },
  ];
}

export interface RolloutStep {
  /** Percent of traffic for the new version. */
  readonly weight: number;
  /** Null waits for `promote`. */
  readonly pauseSeconds: number | null;
}

/**
 * The shifts of a strategy, the last one to 100; empty when it has none. A blue-green has one, its switch; what is
 * waited for before that is step 0. A canary of an old event that stops below 100 ends with a shift to 100.
 */
export function rolloutSteps(strategy: Strategy): readonly RolloutStep[] {
  switch (strategy.type) {
    case 'rolling':
      return [];
    case 'blue-green':
      return [{ weight: 100, pauseSeconds: strategy.retainSeconds ?? 0 }];
    case 'canary':
      return strategy.steps.at(-1)?.weight === 100
        ? strategy.steps
        : [...strategy.steps, { weight: 100, pauseSeconds: 0 }];
  }
}

/** The strategy at one slot: `{slot}` filled in wherever it may stand. */
export function strategyAt(strategy: Strategy, slot: string): Strategy {
  if (strategy.type === 'rolling') return strategy;
  const fill = (text: string): string => text.replaceAll('{slot}', slot);
  const analysis = strategy.analysis && { analysis: analysisAt(strategy.analysis, fill) };
  if (strategy.type === 'canary' || strategy.previewHost === undefined) return { ...strategy, ...analysis };
  return { ...strategy, ...analysis, previewHost: fill(strategy.previewHost) };
}

function analysisAt(analysis: Analysis, fill: (text: string) => string): Analysis {
  return analysis.type === 'http'
    ? { ...analysis, url: fill(analysis.url) }
    : { ...analysis, address: fill(analysis.address), query: fill(analysis.query) };
}
