import { kubernetesSecretAt } from './kubernetes-secrets.js';

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
