import type { BranchRule } from './rule.js';
import { shapeOf } from './pattern.js';
import { slotOf } from '../slot.js';
import type { Strategy } from '../strategy.js';

/** `{slot}` stands for the slot. */
export const withSlot = (template: string, slot: string): string => template.replaceAll('{slot}', slot);

const HAS_SLOT = '{slot}';

export const previewHostOf = (strategy: Strategy): string | undefined =>
  strategy.type === 'blue-green' ? strategy.previewHost : undefined;

/** The slots that a rule can give: one when it matches one name only or tags, else any (null). */
function slotsOf(project: string, { kind, pattern }: Pick<BranchRule, 'kind' | 'pattern'>): readonly string[] | null {
  if (kind === 'tag') return [slotOf(project, { kind, name: '' })];
  const shape = pattern === null ? null : shapeOf(pattern);
  return shape?.kind === 'exact' ? [slotOf(project, { kind, name: shape.prefix })] : null;
}

/**
 * Why the preview host of a rule cannot be taken; null when it can. What depends on names of branches that nobody knows
 * yet is looked at when they are deployed.
 */
export function previewHostProblem(
  project: { readonly key: string; readonly domains: readonly string[] },
  rule: Pick<BranchRule, 'kind' | 'pattern'>,
  strategy: Strategy,
  rules: readonly BranchRule[],
): string | null {
  const host = previewHostOf(strategy);
  if (host === undefined) return null;
  const slots = slotsOf(project.key, rule);
  if (slots === null && !host.includes(HAS_SLOT)) {
    return 'every environment of the rule would have this host: put {slot} into it';
  }
  const known = [...new Set(rules.flatMap((each) => slotsOf(project.key, each) ?? []))];
  const own = slots ?? known;
  const meets = (template: string, theirs: readonly string[]): boolean =>
    template === host || own.some((slot) => theirs.some((other) => withSlot(template, other) === withSlot(host, slot)));
  const domain = project.domains.find((template) => meets(template, known.length > 0 ? known : ['']));
  if (domain !== undefined) return `clashes with the domain ${domain} of this project`;
  for (const other of rules) {
    const theirs = previewHostOf(other.strategy);
    const otherSlots = theirs === undefined ? null : slotsOf(project.key, other);
    if (theirs === undefined || otherSlots === null) continue;
    for (const slot of own) {
      const clash = otherSlots.find((their) => their !== slot && withSlot(theirs, their) === withSlot(host, slot));
      if (clash !== undefined) return `clashes with the preview host of rule ${other.name}`;
    }
  }
  return null;
}

/** The hosts of one environment. */
export interface EnvironmentHosts {
  readonly slot: string;
  readonly domains: readonly string[];
  readonly previews: readonly string[];
}

/** What an environment of that slot may be reached under by what is known of its project now. */
export function hostsOf(slot: string, domains: readonly string[], rules: readonly BranchRule[]): EnvironmentHosts {
  const previews = rules.flatMap(({ strategy }) => previewHostOf(strategy) ?? []);
  return {
    slot,
    domains: domains.map((template) => withSlot(template, slot)),
    previews: previews.map((template) => withSlot(template, slot)),
  };
}

/** A host under which two environments would be reached, as a sentence without its end; null when there is none. */
export function hostClash(own: EnvironmentHosts, others: readonly EnvironmentHosts[]): string | null {
  const ownDomain = own.previews.find((host) => own.domains.includes(host));
  if (ownDomain !== undefined) return `the preview host ${ownDomain} is a domain of the environment itself`;
  for (const other of others) {
    if (other.slot === own.slot) continue;
    const taken = own.previews.find((host) => other.domains.includes(host) || other.previews.includes(host));
    if (taken !== undefined) return `the preview host ${taken} is taken by slot ${other.slot}`;
    const preview = own.domains.find((host) => other.previews.includes(host));
    if (preview !== undefined) return `the domain ${preview} is the preview host of slot ${other.slot}`;
  }
  return null;
}
