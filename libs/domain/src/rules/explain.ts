import type { Ref } from '../vocabulary.js';
import { parsePattern } from './match.js';
import { shapeOf } from './pattern.js';
import type { BranchRule } from './rule.js';

/** What one rule says to one ref. */
export interface RuleExplanation {
  readonly rule: string;
  readonly pattern: string | null;
  readonly matches: boolean;
  /** False behind the rule that matched: the first match wins. */
  readonly asked: boolean;
  /** A sentence for people. */
  readonly why: string;
}

/** One entry a rule, in their order: why each says yes or no to the ref. Never throws. */
export function explainMatch(rules: readonly BranchRule[], ref: Ref): RuleExplanation[] {
  let matched: string | undefined;
  return rules.map((rule) => {
    const { name, pattern } = rule;
    if (matched !== undefined) {
      return {
        rule: name,
        pattern,
        matches: false,
        asked: false,
        why: `not asked: the earlier rule ${matched} matched`,
      };
    }
    const { matches, why } = explainOne(rule, ref);
    if (matches) matched = name;
    return { rule: name, pattern, matches, asked: true, why };
  });
}

/**
 * Name of the rule for this kind of ref whose literal start has most in common with the ref, letter case aside; at
 * least two characters and half of it. Null when nothing is that close. For a hint to people, never for a decision.
 */
export function closestRule(rules: readonly BranchRule[], ref: Ref): string | null {
  let closest: string | null = null;
  let longest = 1;
  const name = ref.name.toLowerCase();
  for (const rule of rules) {
    if (rule.kind !== ref.kind || rule.pattern === null) continue;
    const { prefix } = shapeOf(rule.pattern);
    const same = sameStart(prefix.toLowerCase(), name);
    if (same > longest && same * 2 >= prefix.length) {
      closest = rule.name;
      longest = same;
    }
  }
  return closest;
}

function explainOne(rule: BranchRule, ref: Ref): { matches: boolean; why: string } {
  if (rule.kind !== ref.kind) return { matches: false, why: `looks at ${PLURAL[rule.kind]}, not ${PLURAL[ref.kind]}` };
  if (rule.pattern === null) return { matches: true, why: `matches every ${rule.kind}` };
  const shape = shapeOf(rule.pattern);
  if (!ref.name.startsWith(shape.prefix)) {
    const asks = shape.kind === 'exact' ? 'the name must be' : 'names must start with';
    return {
      matches: false,
      why: `pattern ${rule.pattern} does not match: ${asks} "${shape.prefix}"${commonStart(shape.prefix, ref.name)}`,
    };
  }
  const { engine, problem } = parsePattern(rule.pattern);
  if (engine === null) return { matches: false, why: `pattern ${rule.pattern} is not valid: ${problem}` };
  if (engine.test(ref.name)) return { matches: true, why: `pattern ${rule.pattern} matches` };
  if (shape.kind === 'exact') {
    return {
      matches: false,
      why: `pattern ${rule.pattern} does not match: the name must be exactly "${shape.prefix}"`,
    };
  }
  const start = shape.prefix === '' ? '' : `: the name starts with "${shape.prefix}", but the rest does not fit`;
  return { matches: false, why: `pattern ${rule.pattern} does not match${start}` };
}

const PLURAL = { branch: 'branches', tag: 'tags' } as const;

function commonStart(prefix: string, name: string): string {
  const same = sameStart(prefix, name);
  return same === 0 ? '' : `; the longest matching start is "${prefix.slice(0, same)}"`;
}

function sameStart(a: string, b: string): number {
  let same = 0;
  while (same < a.length && same < b.length && a[same] === b[same]) same += 1;
  return same;
}
