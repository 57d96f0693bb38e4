/**
 * Offset of the first Kubernetes `Secret` that carries data, or undefined. Reads lines, not YAML: a YAML parser takes
 * quadratic time for some hostile texts, and this guard is against accidents. JSON is parsed.
 */
export function kubernetesSecretAt(text: string): number | undefined {
  if (!/\bSecret\b/.test(text) || !/\b(?:stringData|data)\b/.test(text)) return undefined;
  if (/^\s*[[{]/.test(text)) {
    const json = parseJson(text);
    if (json) return holdsSecret(json.value) ? Math.max(0, text.search(/"Secret"/)) : undefined;
  }
  let start = 0;
  for (const document of text.split(/^(?=---|\.\.\.)/m)) {
    const at = inBlockStyle(document) ?? inFlowStyle(document);
    if (at !== undefined) return start + at;
    start += document.length;
  }
  return undefined;
}

/** The keys of one mapping that stand in one column. */
interface Block {
  readonly column: number;
  /** Where `kind: Secret` stands. */
  secretAt?: number;
  /** `pending`: a `data:` whose value, if any, stands on the lines below. */
  data: 'none' | 'pending' | 'filled';
}

const LINE = /^( *)((?:- +)*)(.*)$/;
const KEY = /^(["']?)(kind|data|stringData)\1 *:(?: +|$)(.*)$/;
/** `Secret`, perhaps quoted, tagged, anchored or commented. */
const SECRET = /^(?:[!&]\S* +)*(["']?)Secret\1 *(?:#.*)?$/;
const EMPTY_VALUE = /^(?:\{ *\}|null|~|""|'')? *(?:#.*)?$/;

function inBlockStyle(document: string): number | undefined {
  const blocks: Block[] = [];
  let offset = 0;
  for (const raw of document.split('\n')) {
    const line = raw.trimEnd();
    const at = offset;
    offset += raw.length + 1;
    const [, indent = '', dashes = '', rest = ''] = LINE.exec(line) ?? [];
    if (rest === '' || rest.startsWith('#') || rest.startsWith('---')) continue;
    const column = indent.length + dashes.length;
    // A dash starts a new item, and so a new mapping even in the same column.
    const keep = dashes === '' ? column : indent.length + dashes.trimEnd().length - 1;
    while (blocks.length > 0 && blocks.at(-1)!.column > keep) blocks.pop();
    const outer = blocks.at(-1);
    if (outer && column > outer.column && outer.data === 'pending') outer.data = 'filled';
    if (outer && isSecret(outer)) return outer.secretAt;
    const key = KEY.exec(rest);
    if (!key) continue;
    const block = outer?.column === column ? outer : { column, data: 'none' as const };
    if (block !== outer) blocks.push(block);
    note(block, key[2]!, key[3]!, at);
    if (isSecret(block)) return block.secretAt;
  }
  return undefined;
}

function note(block: Block, key: string, value: string, at: number): void {
  if (key === 'kind') {
    if (SECRET.test(value)) block.secretAt = at;
  } else if (!EMPTY_VALUE.test(value)) {
    block.data = 'filled';
  } else if (block.data === 'none' && /^(?:#.*)?$/.test(value)) {
    block.data = 'pending';
  }
}

const isSecret = (block: Block): boolean => block.secretAt !== undefined && block.data === 'filled';

/** `{kind: Secret, data: {a: b}}`: both anywhere in one document, for braces are not matched here. */
function inFlowStyle(document: string): number | undefined {
  const kind = document.search(/(?:[{,]|^)\s{0,20}["']?kind["']?\s{0,20}:\s{0,20}["']?Secret["']?\s{0,20}[,}]/m);
  const data = /(?:[{,]|^)\s{0,20}["']?(?:data|stringData)["']?\s{0,20}:\s{0,20}\{\s{0,20}[^\s}]/m;
  return kind >= 0 && data.test(document) ? kind : undefined;
}

function parseJson(text: string): { value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    // Flow-style YAML starts with a brace too.
    return undefined;
  }
}

/** A loop, not a recursion: JSON may be nested deeper than the stack. */
function holdsSecret(value: unknown): boolean {
  const open: unknown[] = [value];
  while (open.length > 0) {
    const next = open.pop();
    if (next === null || typeof next !== 'object') continue;
    const { kind, data, stringData } = next as Record<string, unknown>;
    if (kind === 'Secret' && (isFilled(data) || isFilled(stringData))) return true;
    for (const member of Object.values(next)) open.push(member);
  }
  return false;
}

const isFilled = (value: unknown): boolean =>
  value !== null && typeof value === 'object' && Object.keys(value).length > 0;
