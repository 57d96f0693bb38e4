import { compileRules, matchRef } from './match.js';
import { matchesEverything, shapeOf } from './pattern.js';
import type { BranchRule } from './rule.js';

export interface UnreachableRule {
  readonly index: number;
  /** Why an earlier rule always comes first, in words. */
  readonly why: string;
}

/**
 * How often a literal may be tried on a rule that has no literal start. Definition is interactive: a list that is both
 * long and free of anchors is checked up to here and not beyond.
 */
const MAX_TRIALS = 500_000;

/**
 * Rules that no ref can reach: an earlier one of the kind has the same pattern, matches everything, matches every name
 * with a start that this one asks for, or matches the only name that this one does. Says nothing false; may miss
 * rules whose patterns overlap in less obvious ways. Indices in `faulty` hold patterns that cannot be compiled.
 */
export function unreachableRules(rules: readonly BranchRule[], faulty: ReadonlySet<number>): UnreachableRule[] {
  const found: UnreachableRule[] = [];
  const seen = { branch: new Seen(), tag: new Seen() };
  const sound = rules.map((rule, index) => ({ rule, index })).filter(({ index }) => !faulty.has(index));
  const compiled = compileRules(sound.map(({ rule }) => rule));
  let trials = 0;
  sound.forEach(({ rule, index }, place) => {
    const before = seen[rule.kind];
    const shape = rule.pattern === null ? null : shapeOf(rule.pattern);
    let why = before.coveredBy(rule);
    if (why === undefined && shape?.kind === 'exact' && trials < MAX_TRIALS) {
      trials += before.withoutPrefix + 1;
      const match = matchRef(compiled, { kind: rule.kind, name: shape.prefix });
      if (match && match.index < place) why = `the earlier rule ${match.rule.name} matches ${shape.prefix}`;
    }
    if (why !== undefined) found.push({ index, why });
    before.add(rule);
  });
  return found;
}

/** The earlier rules of one kind. */
class Seen {
  /** Rules that have to be asked for every name. */
  withoutPrefix = 0;
  private everything: string | undefined;
  private readonly byPattern = new Map<string, string>();
  /** Starts after which an earlier rule matches whatever follows. */
  private readonly openStarts = new Map<string, string>();
  private readonly openLengths = new Set<number>();

  coveredBy({ pattern }: BranchRule): string | undefined {
    if (this.everything !== undefined) return `the earlier rule ${this.everything} matches everything`;
    if (pattern === null) return undefined;
    const same = this.byPattern.get(pattern);
    if (same !== undefined) return `the earlier rule ${same} has the same pattern`;
    const { prefix } = shapeOf(pattern);
    for (const length of this.openLengths) {
      if (length > prefix.length) continue;
      const start = prefix.slice(0, length);
      const open = this.openStarts.get(start);
      if (open !== undefined) return `the earlier rule ${open} matches every name that starts with ${start}`;
    }
    return undefined;
  }

  add({ name, pattern }: BranchRule): void {
    if (pattern === null || matchesEverything(pattern)) {
      this.everything ??= name;
      return;
    }
    if (!this.byPattern.has(pattern)) this.byPattern.set(pattern, name);
    const { prefix, kind } = shapeOf(pattern);
    if (prefix === '') this.withoutPrefix += 1;
    else if (kind === 'open' && !this.openStarts.has(prefix)) {
      this.openStarts.set(prefix, name);
      this.openLengths.add(prefix.length);
    }
  }
}
