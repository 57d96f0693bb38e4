import type { BranchRule } from './rule.js';
import { shapeOf } from './pattern.js';
import { slotOf } from '../slot.js';
import type { Strategy } from '../strategy.js';

/** `{slot}` stands for the slot. */
const withSlot = (template: string, slot: string): string => template.replaceAll('{slot}', slot);

const HAS_SLOT = '{slot}';

const previewHostOf = (strategy: Strategy): string | undefined =>
  strategy.type === 'blue-green' ? strategy.previewHost : undefined;

/** The slots that a rule can give: one when it matches one name only or tags, else any (null). */
function slotsOf(project: string, { kind, pattern }: Pick<BranchRule, 'kind' | 'pattern'>): readonly string[] | null {
  if (kind === 'tag') return [slotOf(project, { kind, name: '' })];
  const shape = pattern === null ? null : shapeOf(pattern);
  return shape?.kind === 'exact' ? [slotOf(project, { kind, name: shape.prefix })] : null;
}

/**
 * How many hosts are compared at most. Definition is interactive: a list with thousands of rules that all preview is
 * checked up to here, and what it leaves open is looked at when an environment is deployed.
 */
const MAX_COMPARED = 200_000;

/** What the hosts of a project's rules are compared with, for the slots that are known. */
interface KnownHosts {
  readonly slots: readonly string[];
  /** Host to the domain that it is at some slot. */
  readonly domains: ReadonlyMap<string, string>;
  /** Host to the slots that it previews, with the names of their rules. */
  readonly previews: ReadonlyMap<string, readonly { readonly slot: string; readonly rule: string }[]>;
}

function knownHosts(key: string, domains: readonly string[], rules: readonly BranchRule[]): KnownHosts {
  const slots = new Set<string>();
  const previews = new Map<string, { slot: string; rule: string }[]>();
  for (const rule of rules) {
    const template = previewHostOf(rule.strategy);
    for (const slot of slotsOf(key, rule) ?? []) {
      slots.add(slot);
      if (template === undefined) continue;
      const host = withSlot(template, slot);
      previews.set(host, [...(previews.get(host) ?? []), { slot, rule: rule.name }]);
    }
  }
  const hosts = new Map<string, string>();
  for (const template of domains) {
    hosts.set(template, template);
    if (template.includes(HAS_SLOT)) for (const slot of slots) hosts.set(withSlot(template, slot), template);
  }
  return { slots: [...slots], domains: hosts, previews };
}

/** A domain of another project, as its business section has it. */
export interface OtherDomain {
  readonly project: string;
  readonly domain: string;
}

/**
 * Tells why the preview host of a rule cannot be taken; null when it can. What depends on names of branches that nobody
 * knows yet is looked at when they are deployed.
 */
export function previewHostChecker(
  key: string,
  domains: readonly string[],
  rules: readonly BranchRule[],
  elsewhere: readonly OtherDomain[] = [],
): (rule: Pick<BranchRule, 'kind' | 'pattern'>, strategy: Strategy) => string | null {
  const taking = new Map(
    elsewhere.map(({ project, domain }) => [domain, `the domain ${domain} of project ${project}`]),
  );
  let hosts: KnownHosts | undefined;
  let compared = 0;
  return (rule, strategy) => {
    const template = previewHostOf(strategy);
    if (template === undefined) return null;
    const slots = slotsOf(key, rule);
    if (slots === null && !template.includes(HAS_SLOT)) {
      return 'every environment of the rule would have this host: put {slot} into it';
    }
    hosts ??= knownHosts(key, domains, rules);
    const taken = hosts.domains.get(template);
    if (taken !== undefined) return `clashes with the domain ${taken} of this project`;
    const foreign = taking.get(template);
    if (foreign !== undefined) return `clashes with ${foreign}`;
    for (const slot of slots ?? hosts.slots) {
      compared += 1;
      if (compared > MAX_COMPARED) return null;
      const host = withSlot(template, slot);
      const domain = hosts.domains.get(host);
      if (domain !== undefined) return `clashes with the domain ${domain} of this project`;
      if (taking.has(host)) return `clashes with ${taking.get(host)}`;
      const other = hosts.previews.get(host)?.find((preview) => preview.slot !== slot);
      if (other !== undefined) return `clashes with the preview host of rule ${other.rule}`;
    }
    return null;
  };
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
