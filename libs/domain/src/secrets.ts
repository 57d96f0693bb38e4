import { LineCounter, isMap, isScalar, parseAllDocuments, visit, type YAMLMap } from 'yaml';

export type SecretRule =
  | 'private-key'
  | 'aws-access-key'
  | 'aws-secret-key'
  | 'github-token'
  | 'gitlab-token'
  | 'slack-token'
  | 'waybill-token'
  | 'json-web-token'
  | 'password-in-url'
  | 'kubernetes-secret';

export interface SecretFinding {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly rule: SecretRule;
}

/**
 * Material that must not be stored. Each pattern starts at a boundary and repeats within a bound, so that a hostile
 * text of any length takes linear time.
 */
const PATTERNS: readonly (readonly [SecretRule, RegExp])[] = [
  ['private-key', /-----BEGIN (?:[A-Z0-9]{1,20} ){0,3}PRIVATE KEY(?: BLOCK)?-----/],
  ['aws-access-key', /(?<![A-Za-z0-9])(?:AKIA|ASIA)[0-9A-Z]{16}(?![A-Za-z0-9])/],
  ['aws-secret-key', /aws_?secret_?access_?key["']?\s{0,4}[:=]\s{0,4}["']?[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+=])/i],
  ['github-token', /(?<![A-Za-z0-9_])(?:gh[pousr]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9_]{22})/],
  ['gitlab-token', /(?<![A-Za-z0-9_-])gl(?:pat|dt|rt|ptt|ft|soat|cbt|imt|agent|oas)-[A-Za-z0-9_-]{20}/],
  [
    'slack-token',
    /(?<![A-Za-z0-9])xox[abeprs](?:\.xox[bp])?-[A-Za-z0-9-]{10}|hooks\.slack\.com\/(?:services|workflows)\/T[A-Z0-9]{6}/,
  ],
  ['waybill-token', /(?<![A-Za-z0-9_-])wb_[A-Za-z0-9_-]{43}(?![A-Za-z0-9_-])/],
  ['json-web-token', /(?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_-]{8,4000}\.eyJ[A-Za-z0-9_-]{8,16000}\.[A-Za-z0-9_-]{16}/],
  [
    'password-in-url',
    /(?<![A-Za-z0-9+.-])[A-Za-z][A-Za-z0-9+.-]{1,20}:\/\/[^\s/?#@:'"]{0,200}:(?![$<{%*])[^\s/?#@'"]{1,200}@/,
  ],
];

/**
 * The first secret in a text, or undefined: private keys, tokens of well-known makers, a password inside a URL, a
 * Kubernetes `Secret` with data. A placeholder such as `${PASSWORD}` in a URL is a reference, not a secret.
 * @param path names the file in the finding
 */
export function findSecret(path: string, text: string): SecretFinding | undefined {
  let first: { at: number; rule: SecretRule } | undefined;
  for (const [rule, pattern] of PATTERNS) {
    const at = text.search(pattern);
    if (at >= 0 && (!first || at < first.at)) first = { at, rule };
  }
  const at = kubernetesSecretAt(text);
  if (at !== undefined && (!first || at < first.at)) first = { at, rule: 'kubernetes-secret' };
  return first && { file: path, line: lineAt(text, first.at), rule: first.rule };
}

function lineAt(text: string, at: number): number {
  let line = 1;
  for (let i = text.indexOf('\n'); i >= 0 && i < at; i = text.indexOf('\n', i + 1)) line += 1;
  return line;
}

/** Offset of the first `kind: Secret` that carries data. */
function kubernetesSecretAt(text: string): number | undefined {
  if (!/\bSecret\b/.test(text) || !/\b(?:stringData|data)\b/.test(text)) return undefined;
  if (/^\s*[[{]/.test(text)) {
    const json = parseJson(text);
    if (json !== undefined) return holdsSecret(json.value) ? Math.max(0, text.search(/"Secret"/)) : undefined;
  }
  let found: number | undefined;
  for (const document of parseAllDocuments(text, { lineCounter: new LineCounter(), strict: false })) {
    visit(document, {
      Map(_key, map) {
        if (!isSecretMap(map)) return undefined;
        found = map.range?.[0] ?? 0;
        return visit.BREAK;
      },
    });
    if (found !== undefined) return found;
  }
  return undefined;
}

function parseJson(text: string): { value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    // Flow-style YAML starts with a brace too.
    return undefined;
  }
}

function holdsSecret(value: unknown): boolean {
  if (value === null || typeof value !== 'object') return false;
  if (Array.isArray(value)) return value.some(holdsSecret);
  const { kind, data, stringData } = value as Record<string, unknown>;
  if (kind === 'Secret' && (isFilled(data) || isFilled(stringData))) return true;
  return Object.values(value).some(holdsSecret);
}

const isFilled = (value: unknown): boolean =>
  value !== null && typeof value === 'object' && Object.keys(value).length > 0;

function isSecretMap(map: YAMLMap): boolean {
  if (map.get('kind') !== 'Secret') return false;
  return ['data', 'stringData'].some((key) => {
    const value = map.get(key, true) as unknown;
    if (isMap(value)) return value.items.length > 0;
    // An alias or a merge may bring data that is not written here: better held than leaked.
    return value !== undefined && !(isScalar(value) && (value.value === null || value.value === ''));
  });
}
