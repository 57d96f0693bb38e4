// docs/statistics.md: measures and definitions between the marks, from those that answers are computed with.
import { DORA_DEFINITIONS, MEASURES } from '@waybill/views';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { root } from '../setup/install.mjs';
import { between } from './between.mjs';
import { writeOrCheck } from './write.mjs';

const PAGE = 'docs/statistics.md';

export async function generate({ check = false } = {}) {
  const filepath = join(root, PAGE);
  const text = [
    ['measures', measures()],
    ['definitions', DORA_DEFINITIONS.map(definition).join('\n\n')],
  ].reduce((page, [name, part]) => between(PAGE, page, name, part), readFileSync(filepath, 'utf8'));
  return writeOrCheck(PAGE, await format(text, { ...(await resolveConfig(filepath)), filepath }), { check });
}

function measures() {
  const rows = Object.entries(MEASURES).map(
    ([name, { of, duration, words }]) => `| \`${name}\` | ${of} | ${duration ? 'duration' : 'count'} | ${words} |`,
  );
  return ['| measure | of | kind | |', '|---|---|---|---|', ...rows].join('\n');
}

function definition({ name, title, source, metrics }) {
  const rows = Object.entries(metrics).map(([metric, { unit, words }]) => `| \`${metric}\` | ${unit} | ${words} |`);
  return [`### ${name}`, '', `${title} (${source}).`, '', '| metric | unit | how |', '|---|---|---|', ...rows].join(
    '\n',
  );
}
