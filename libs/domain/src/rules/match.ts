import { WaybillError } from '@waybill/kernel';
import { RE2JS } from 're2js';
import type { Ref } from '../vocabulary.js';
import { shapeOf, type PatternShape } from './pattern.js';
import type { BranchRule } from './rule.js';

interface CompiledRule {
  readonly rule: BranchRule;
  readonly index: number;
  readonly shape: PatternShape;
  /** Compiled when first asked: most rules of a long list never are. */
  engine: RE2JS | undefined;
}

/** The rules of one kind of ref, found by the literal start that they ask for. Each list is in the order of the rules. */
interface RulesOfKind {
  /** Rules whose pattern asks for no literal start. */
  readonly anywhere: readonly CompiledRule[];
  readonly byPrefix: ReadonlyMap<string, readonly CompiledRule[]>;
  /** Lengths of the keys of `byPrefix`, ascending. */
  readonly prefixLengths: readonly number[];
}

/** Branch rules made ready for matching. */
export interface CompiledRules {
  readonly branch: RulesOfKind;
  readonly tag: RulesOfKind;
}

export interface RuleMatch {
  readonly rule: BranchRule;
  /** Place in the list of rules, from 0. */
  readonly index: number;
}

/** Makes rules ready for {@link matchRef}. Cheap: reads the patterns but compiles none. Never throws. */
export function compileRules(rules: readonly BranchRule[]): CompiledRules {
  return { branch: ofKind(rules, 'branch'), tag: ofKind(rules, 'tag') };
}

/**
 * The first rule, in their order, that matches the ref; null when none does. Tags are only looked at by rules for tags,
 * branches by rules for branches. Takes time linear in the length of the name for every pattern.
 * Throws `INVALID_INPUT` when a pattern that must be asked is not RE2 syntax.
 */
export function matchRef(compiled: CompiledRules, ref: Ref): RuleMatch | null {
  const { anywhere, byPrefix, prefixLengths } = compiled[ref.kind];
  let best: CompiledRule | undefined = firstMatch(anywhere, ref.name, Infinity);
  for (const length of prefixLengths) {
    if (length > ref.name.length) break;
    const candidates = byPrefix.get(ref.name.slice(0, length));
    if (candidates) best = firstMatch(candidates, ref.name, best?.index ?? Infinity) ?? best;
  }
  return best ? { rule: best.rule, index: best.index } : null;
}

function firstMatch(candidates: readonly CompiledRule[], name: string, before: number): CompiledRule | undefined {
  for (const candidate of candidates) {
    if (candidate.index >= before) return undefined;
    if (matchesBehindPrefix(candidate, name)) return candidate;
  }
  return undefined;
}

/** Whether the candidate matches a name that is known to start with its prefix. */
function matchesBehindPrefix(candidate: CompiledRule, name: string): boolean {
  const { kind, prefix } = candidate.shape;
  if (kind === 'open') return true;
  if (kind === 'exact') return name.length === prefix.length;
  candidate.engine ??= compilePattern(candidate.rule);
  return candidate.engine.test(name);
}

function ofKind(rules: readonly BranchRule[], kind: Ref['kind']): RulesOfKind {
  const anywhere: CompiledRule[] = [];
  const byPrefix = new Map<string, CompiledRule[]>();
  rules.forEach((rule, index) => {
    if (rule.kind !== kind) return;
    const shape = rule.pattern === null ? ({ prefix: '', kind: 'open' } as const) : shapeOf(rule.pattern);
    const compiled: CompiledRule = { rule, index, shape, engine: undefined };
    if (shape.prefix === '') {
      anywhere.push(compiled);
      return;
    }
    const same = byPrefix.get(shape.prefix);
    if (same) same.push(compiled);
    else byPrefix.set(shape.prefix, [compiled]);
  });
  const prefixLengths = [...new Set([...byPrefix.keys()].map((prefix) => prefix.length))].sort((a, b) => a - b);
  return { anywhere, byPrefix, prefixLengths };
}

function compilePattern(rule: BranchRule): RE2JS {
  const { engine, problem } = parsePattern(rule.pattern ?? '');
  if (engine) return engine;
  throw new WaybillError(
    'INVALID_INPUT',
    `branch rule ${rule.name}: the pattern ${rule.pattern} is not valid: ${problem}`,
    { hint: 'Patterns are RE2 syntax: https://github.com/google/re2/wiki/Syntax' },
  );
}

/** The compiled pattern, or the engine's own words about why it refuses it. */
export function parsePattern(
  pattern: string,
): { readonly engine: RE2JS; readonly problem: null } | { readonly engine: null; readonly problem: string } {
  try {
    return { engine: RE2JS.compile(pattern), problem: null };
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error);
    return { engine: null, problem: words.replace(/^error parsing regexp: /, '') };
  }
}
