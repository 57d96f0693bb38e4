// docs/events.md: every event of the ledger, from the catalogue that checks them.
import { catalogue } from '@waybill/domain';
import { z } from 'zod';
import { fieldRows } from './field-rows.mjs';
import { writeOrCheck } from './write.mjs';

const HEAD = `# Events

Every event type of the ledger, by stream. Generated from the catalogue by \`npm run generate\`; do not edit.

What stands around \`data\` is the same for all: \`id\`, \`type\`, \`version\`, \`stream\`, \`revision\`, \`position\`,
\`occurredAt\`, \`recordedAt\`, \`actor\`, \`commandId\`, \`commandDigest\`, \`correlationId\`, \`causationId\`,
\`previousHash\`, \`hash\`. The tables show \`data\` in the newest version. An example of every version that was ever
written stands in [tests/golden/events](../tests/golden/events).

In paths, \`[]\` is each member of a list, \`<key>\` each key of a map, and \`(kind: x)\` the variant with that \`kind\`.
A field with a question mark may be absent.
`;

export async function generate({ check = false } = {}) {
  return writeOrCheck('docs/events.md', page(), { check });
}

function page() {
  const sections = catalogue.streams.map(({ category, doc, events }) => {
    const entries = Object.entries(events).map(([type, definition]) => entry(type, definition));
    return [`## ${category}`, doc, contents(events), ...entries].join('\n\n');
  });
  return `${[HEAD.trimEnd(), ...sections].join('\n\n')}\n`;
}

function contents(events) {
  return Object.keys(events)
    .map((type) => `[${type}](#${type.toLowerCase()})`)
    .join(' · ');
}

function entry(type, { version, doc, data, changed = {} }) {
  const rows = fieldRows(z.toJSONSchema(data, { io: 'output', unrepresentable: 'any' }));
  const table = rows.map(({ path, optional, type: words }) => `| \`${path}${optional ? '?' : ''}\` | ${cell(words)} |`);
  const changes = Object.entries(changed).map(([since, words]) => `Since version ${since}: ${words}`);
  return [
    `### ${type}`,
    `Version ${version}. ${doc}`,
    ...changes,
    ['| field | type |', '|---|---|', ...table].join('\n'),
  ].join('\n\n');
}

function cell(text) {
  return text.replaceAll('|', '\\|');
}
