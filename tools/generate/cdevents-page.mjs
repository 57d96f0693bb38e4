// docs/cdevents.md: the tables between the marks, from the table that the feed is made with.
import { FEED_TABLE, NOT_TOLD, typeOf } from '@waybill/channel';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { root } from '../setup/install.mjs';
import { between } from './between.mjs';
import { writeOrCheck } from './write.mjs';

const PAGE = 'docs/cdevents.md';

export async function generate({ check = false } = {}) {
  const filepath = join(root, PAGE);
  const text = [
    ['told', told()],
    ['not told', notTold()],
  ].reduce((page, [name, table]) => between(PAGE, page, name, table), readFileSync(filepath, 'utf8'));
  return writeOrCheck(PAGE, await format(text, { ...(await resolveConfig(filepath)), filepath }), { check });
}

function told() {
  const rows = Object.entries(FEED_TABLE).flatMap(([event, kinds]) =>
    kinds.map(
      ({ kind, when = '' }) => `| [${event}](events.md#${event.toLowerCase()}) | \`${typeOf(kind)}\` | ${when} |`,
    ),
  );
  return ['| event of the ledger | event of the feed | when |', '|---|---|---|', ...rows].join('\n');
}

function notTold() {
  const reasons = [...new Set(Object.values(NOT_TOLD))];
  const rows = reasons.map((reason) => {
    const events = Object.keys(NOT_TOLD).filter((event) => NOT_TOLD[event] === reason);
    return `| ${reason} | ${events.join(', ')} |`;
  });
  return ['| why | events of the ledger |', '|---|---|', ...rows].join('\n');
}
