import { ALIKE, GONE } from './alike.js';
import { AUTOSCALERS, AUTOSCALERS_ALIKE } from './autoscalers.js';
import { DISRUPTION_BUDGETS } from './disruption-budgets.js';
import { INGRESSES } from './ingresses.js';
import type { GoneKind, SameContent, VersionRule } from './rule.js';
import { WEBHOOKS } from './webhooks.js';
import { WORKLOADS } from './workloads.js';

/**
 * Everything that is known of how versions differ. A new rule is one more entry here or in one of the files beside
 * this one: it is followed in plans, and stands in docs/versions.md, without any other change.
 */
export const TABLE: {
  readonly rules: readonly VersionRule[];
  readonly alike: readonly SameContent[];
  readonly gone: readonly GoneKind[];
} = {
  rules: [...WORKLOADS, ...AUTOSCALERS, ...DISRUPTION_BUDGETS, ...INGRESSES, ...WEBHOOKS],
  alike: [...AUTOSCALERS_ALIKE, ...ALIKE],
  gone: GONE,
};

/** One step from a version of a kind to another. */
export type Step = Pick<VersionRule, 'from' | 'to' | 'translate'>;

const unchanged: Step['translate'] = (object) => object;

/** By kind and the version a step begins at; the same kind of another group has a place of its own. */
const STEPS: ReadonlyMap<string, readonly Step[]> = (() => {
  const steps = new Map<string, Step[]>();
  const add = (kind: string, step: Step): void => {
    const key = `${step.from}/${kind}`;
    steps.set(key, [...(steps.get(key) ?? []), step]);
  };
  for (const rule of TABLE.rules) for (const kind of rule.kinds) add(kind, rule);
  for (const { kinds, versions } of TABLE.alike) {
    for (const from of versions) {
      for (const to of versions) {
        if (from !== to) for (const kind of kinds) add(kind, { from, to, translate: unchanged });
      }
    }
  }
  return steps;
})();

/**
 * Every version that the rules lead to, with the steps there, the fewest first; the version itself is not among them.
 */
export function reachable(kind: string, from: string): ReadonlyMap<string, readonly Step[]> {
  const found = new Map<string, readonly Step[]>();
  let edge: readonly (readonly Step[])[] = [[]];
  while (edge.length > 0) {
    const next: (readonly Step[])[] = [];
    for (const path of edge) {
      for (const step of STEPS.get(`${path.at(-1)?.to ?? from}/${kind}`) ?? []) {
        if (step.to === from || found.has(step.to)) continue;
        const longer = [...path, step];
        found.set(step.to, longer);
        next.push(longer);
      }
    }
    edge = next;
  }
  return found;
}

/** Kinds that moved: `extensions/Ingress` is `networking.k8s.io/Ingress` since, the very same objects. */
const HOMES: ReadonlyMap<string, string> = new Map(
  [
    ...TABLE.rules,
    ...TABLE.alike.flatMap(({ kinds, versions }) => versions.map((from) => ({ kinds, from, to: versions[0]! }))),
  ]
    .filter(({ from, to }) => groupOf(from) !== groupOf(to))
    .flatMap(({ kinds, from, to }) => kinds.map((kind): [string, string] => [`${groupOf(from)}/${kind}`, groupOf(to)])),
);

/** The group by which an object is told apart from others, whichever group it is written in. */
export const homeOf = (group: string, kind: string): string => HOMES.get(`${group}/${kind}`) ?? group;

export function groupOf(apiVersion: string): string {
  const slash = apiVersion.indexOf('/');
  return slash < 0 ? '' : apiVersion.slice(0, slash);
}
