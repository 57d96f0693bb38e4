import { beforeAll, describe, expect, it } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

const root = join(__dirname, '../..');
// A single run, which typescript-eslint takes CI=true for, parses what stands on disk and not the text it is handed.
const env = { ...process.env, NX_DAEMON: 'false', TSESTREE_SINGLE_RUN: 'false' };

const BOUNDARY = '@nx/enforce-module-boundaries';
const PURE = 'no-restricted-imports';

/** What stands in an existing file, and the rule that must refuse it; null where it is allowed. */
const CASES: readonly [what: string, file: string, imported: string, rule: string | null][] = [
  ['what stands below it', 'libs/domain/src/slot.ts', '@waybill/kernel', null],
  ['a lib above', 'libs/kernel/src/ids.ts', '@waybill/domain', BOUNDARY],
  ['a lib beside', 'libs/stores/src/index.ts', '@waybill/views', BOUNDARY],
  ['an app', 'libs/policies/src/index.ts', '../../../apps/ledger/src/main.js', BOUNDARY],
  ['NestJS in a lib', 'libs/views/src/index.ts', '@nestjs/common', BOUNDARY],
  ['Node in the domain', 'libs/domain/src/slot.ts', 'node:fs', PURE],
  ['Node in the kernel', 'libs/kernel/src/ids.ts', 'node:fs', PURE],
];

describe('the import map', () => {
  let messages: string[][];

  beforeAll(() => {
    // The rule reads Nx's project graph and lets everything pass when there is none.
    execFileSync('npx', ['nx', 'show', 'projects'], { cwd: root, env, stdio: 'ignore' });
    const inputs = CASES.map(([, file, imported]) => ({ file, code: `export * from '${imported}';\n` }));
    const script = `
      const { ESLint } = require('eslint');
      const eslint = new ESLint();
      const lint = ({ file, code }) => eslint.lintText(code, { filePath: file });
      Promise.all(${JSON.stringify(inputs)}.map(lint)).then((all) =>
        console.log(JSON.stringify(all.map(([result]) => result.messages.map((message) => message.ruleId)))));`;
    const printed = execFileSync(process.execPath, ['-e', script], { cwd: root, env, encoding: 'utf8' });
    messages = JSON.parse(printed) as string[][];
  }, 180_000);

  it.each(CASES)('%s', (what, _file, _imported, rule) => {
    const found = messages[CASES.findIndex(([name]) => name === what)]!;
    expect(found.filter((id) => id === BOUNDARY || id === PURE)).toEqual(rule === null ? [] : [rule]);
  });
});
