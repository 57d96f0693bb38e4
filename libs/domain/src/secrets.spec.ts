import { describe, expect, it } from '@jest/globals';
import { findSecret, type SecretRule } from './secrets.js';

// Every fake is put together here, so that no text that looks like a secret stands in the repository.
const word = (length: number, alphabet = 'aB3dE5gH7jK9'): string => alphabet.repeat(length).slice(0, length);
const begin = (what: string) => ['-----', 'BEGIN ', what, '-----'].join('');
const url = (password: string) => ['postgres:/', `/app:${password}`, '@db.internal/app'].join('');
const secret = (lines: string[]) => ['apiVersion: v1', ['kind', 'Secret'].join(': '), ...lines].join('\n');

const FAKES: [SecretRule, string][] = [
  ['private-key', begin('RSA PRIVATE KEY')],
  ['private-key', begin('PRIVATE KEY')],
  ['private-key', begin('OPENSSH PRIVATE KEY')],
  ['private-key', begin('PGP PRIVATE KEY BLOCK')],
  ['aws-access-key', `key = ${['AK', 'IA'].join('')}${word(16, 'ABCD2345')}`],
  ['aws-secret-key', `${['aws', 'secret_access_key'].join('_')} = "${word(40)}"`],
  ['github-token', ['gh', 'p_', word(36)].join('')],
  ['github-token', ['github', '_pat_', word(22)].join('')],
  ['gitlab-token', ['gl', 'pat-', word(20)].join('')],
  ['slack-token', ['xo', 'xb-', word(12)].join('')],
  ['slack-token', ['https://hooks.', 'slack.com/services/', 'T', word(8, 'A1B2')].join('')],
  ['waybill-token', ['w', 'b_', word(43)].join('')],
  ['json-web-token', ['ey', 'J', word(20), '.ey', 'J', word(30), '.', word(40)].join('')],
  ['password-in-url', url('hunter2')],
  ['kubernetes-secret', secret(['data:', '  key: dmFsdWU='])],
  ['kubernetes-secret', secret(['stringData: {key: value}'])],
  ['kubernetes-secret', `a: 1\n---\n${secret(['stringData:', '  key: value'])}`],
  ['kubernetes-secret', JSON.stringify({ items: [{ kind: ['Sec', 'ret'].join(''), data: { a: 'b' } }] })],
  ['kubernetes-secret', `{${['kind', 'Secret'].join(': ')}, # a comment\n data: {a: b}}`],
  ['kubernetes-secret', `items: [{metadata: {name: x}, ${['kind', 'Secret'].join(': ')}, stringData: {a: b}}]`],
  [
    'kubernetes-secret',
    `items:\n  - data:\n      a: b\n    type: Opaque\n\n    # here\n    kind: !!str '${['Sec', 'ret'].join('')}' # so\n`,
  ],
  ['kubernetes-secret', `data:\r\n  a: b\r\n${['kind', 'Secret'].join(': ')}\r\n`],
  ['kubernetes-secret', `- "kind": "${['Sec', 'ret'].join('')}"\n  data:\n    a: b`],
];

const HARMLESS: [string, string][] = [
  ['an empty file', ''],
  ['a public key', begin('PUBLIC KEY')],
  ['a certificate', begin('CERTIFICATE')],
  ['a URL without a password', 'https://user@git.example/repo.git?x=a:b@c'],
  ['a URL with a port', 'http://localhost:8080/@scope/pkg'],
  [
    'a URL with a placeholder',
    [url('${DB_PASSWORD}'), url('$(PASSWORD)'), url('<password>'), url('{{ pw }}')].join('\n'),
  ],
  ['a digest', `sha256:${word(64, '0123456789abcdef')}`],
  ['a secret without data', secret(['metadata:', '  name: app'])],
  ['a secret with empty data', secret(['data: {} # none', 'stringData:'])],
  ['a secret whose data is null', secret(['data: null', 'stringData: ~', 'type: Opaque'])],
  ['two items of a list', `- ${['kind', 'Secret'].join(': ')}\n  name: x\n- kind: ConfigMap\n  data:\n    a: b`],
  ['data of an inner mapping', `${secret(['metadata:', '  data: x'])}`],
  ['a volume', `volumes:\n- secret:\n    secretName: x\n  data: y\nSecret: no`],
  [
    'a reference to a secret',
    `certificateRefs:\n- ${['kind', 'Secret'].join(': ')}\n  name: tls\n---\nkind: ConfigMap\ndata:\n  a: b`,
  ],
  ['an external secret', 'kind: ExternalSecret\nspec:\n  data:\n  - secretKey: a'],
  [
    'a reference beside a config map, in JSON',
    JSON.stringify([
      { kind: ['Sec', 'ret'].join(''), name: 'x' },
      { kind: 'ConfigMap', data: { a: '1' } },
    ]),
  ],
];

describe('findSecret', () => {
  it.each(FAKES)('finds a %s', (rule, text) => {
    const before = 'replicas: 2\nname: app\n---\n';
    expect(findSecret('app/config', text)).toMatchObject({ file: 'app/config', rule });
    if (!/^[[{]/.test(text)) {
      const found = findSecret('app/config', before + text);
      expect(found).toMatchObject({ rule });
      expect(found!.line).toBeGreaterThanOrEqual(4);
    }
  });

  it.each(HARMLESS)('lets %s pass', (_what, text) => {
    expect(findSecret('file', text)).toBeUndefined();
  });

  it('names the line of the first one', () => {
    const text = ['a: 1', '', `b: ${url('hunter2')}`, begin('PRIVATE KEY')].join('\r\n');
    expect(findSecret('x.yaml', text)).toEqual({ file: 'x.yaml', line: 3, rule: 'password-in-url' });
    const yaml = `a: 1\n---\n${secret(['data:', '  k: dmFsdWU='])}`;
    expect(findSecret('x.yaml', yaml)).toEqual({ file: 'x.yaml', line: 4, rule: 'kubernetes-secret' });
  });

  it.each([
    ['lists', '['.repeat(200_000), ''],
    ['objects', '{"a":'.repeat(100_000), ''],
    ['closed lists', '['.repeat(100_000), ']'.repeat(100_000)],
    ['block lists', '- '.repeat(100_000), ''],
    ['list marks', '-\n'.repeat(100_000), ''],
    ['indented lists', Array.from({ length: 800 }, (_, i) => `${' '.repeat(i)}-\n`).join(''), ''],
    ['keys', 'a:\n'.repeat(50_000), ''],
    ['quotes', '"\\'.repeat(100_000), ''],
    ['anchors', '&a *a '.repeat(50_000), ''],
    ['documents', '---\n'.repeat(50_000), ''],
    ['tabs', '\t'.repeat(1000), ''],
  ])('is quick with a text of nested %s that speaks of secrets', (_what, open, close) => {
    const kind = ['kind', 'Secret'].join(': ');
    for (const text of [`${kind}\ndata: ${open}${close}`, `${open}"Secret data"${close}`]) {
      const started = performance.now();
      expect(() => findSecret('file', text)).not.toThrow();
      expect(performance.now() - started).toBeLessThan(2000);
    }
  });

  it.each([
    ['starts of tokens', ['ey', 'J'].join('').repeat(230_000)],
    ['starts of tokens with dots', `${['ey', 'J'].join('')}${'a'.repeat(20)}.`.repeat(28_000)],
    ['scheme characters', 'a+'.repeat(350_000)],
    ['URLs without an end', 'a://b:'.repeat(116_000)],
    ['BEGIN lines', '-----BEGIN A B C '.repeat(40_000)],
    ['one long word', 'A'.repeat(700_000)],
    ['key names', ['aws', 'secretaccesskey   '].join('_').repeat(35_000)],
  ])('takes linear time for 700 KB of %s', (_what, text) => {
    const started = performance.now();
    findSecret('file', text);
    expect(performance.now() - started).toBeLessThan(2000);
  });
});
