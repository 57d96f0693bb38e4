// docs/versions.md: what Waybill sends to which version, from the table that its plans follow.
import { VERSION_TABLE } from '@waybill/adapters';
import { writeOrCheck } from './write.mjs';

const HEAD = `# Versions of Kubernetes and its add-ons

What Waybill sends to which version of a kind. Generated from the table that plans follow
([libs/adapters/src/versions](../libs/adapters/src/versions)) by \`npm run generate\`; do not edit.

A plan is made for what the cluster serves now, kind by kind, not for the name of a release. Objects that Waybill makes
itself are planned in the newest version that is known here; extra \`manifests/*.yaml\` come in the version that their
author chose. Each is sent as it is while its version is served. Otherwise it is written in the newest served version
that the tables below lead to, in one step or in several. Where none leads anywhere the release is held: it is rejected
with the reason \`NoTranslation\`, naming the object, its version and those that are served, and goes on by itself when
the cluster serves another. A kind that is not served at all may still come with a CustomResourceDefinition: what is
written in it is sent as it is, and waits.

When the cluster begins or ends to serve something, every environment is planned anew; where the plan is another one
now the objects are applied in their new version, and the ledger hears of it as \`ManifestsAdapted\` and
\`ManifestsApplied\` of the same generation. No object is removed because its version changed.
`;

const cell = (text) => text.replaceAll('|', '\\|');
const codes = (names) => names.map((name) => `\`${name}\``).join(', ');
const table = (head, rows) =>
  [
    `| ${head.join(' | ')} |`,
    `|${head.map(() => '---').join('|')}|`,
    ...rows.map((row) => `| ${row.map(cell).join(' | ')} |`),
  ].join('\n');

export async function generate({ check = false } = {}) {
  return writeOrCheck('docs/versions.md', page(), { check });
}

function page() {
  const { rules, alike, gone } = VERSION_TABLE;
  return `${[
    HEAD.trimEnd(),
    '## Versions that differ',
    'Only where the version on the left is not served. Defaults that differ are written out, so that the object means the same.',
    table(
      ['kind', 'from', 'to', 'what changes', 'source'],
      rules.map(({ kinds, from, to, changes, source }) => [codes(kinds), codes([from]), codes([to]), changes, source]),
    ),
    '## Versions with the same content',
    'Only `apiVersion` is written anew, in any direction; the newest comes first.',
    table(
      ['kind', 'versions', 'source'],
      alike.map(({ kinds, versions, source }) => [codes(kinds), codes(versions), source]),
    ),
    '## Kinds that went',
    'Held wherever they are not served.',
    table(
      ['kind', 'versions', 'what to do', 'source'],
      gone.map(({ kind, versions, instead, source }) => [codes([kind]), codes(versions), instead, source]),
    ),
    '## What stands besides',
    BESIDES,
  ].join('\n\n')}\n`;
}

const BESIDES = `- The version of what an autoscaler scales (\`spec.scaleTargetRef\`) is translated with it, by the same tables.
- An inventory names each object with the version it was written in; it is read and removed through that version, or
  through whichever is served when that went.
- Where an object was applied in another version before, its \`metadata.managedFields\` are migrated first (as
  fluxcd/pkg \`ssa\` MigrateAPIVersion does): otherwise the API server refuses the apply ("request to convert CR to an
  invalid group/version"), or forgets which fields were ours.
- A location that Waybill reaches through a Git repository cannot be asked: the stable versions of Kubernetes 1.25 and
  Istio 1.22 are taken for it.
- Where a server translates itself (Kubernetes 1.24 serves old and new versions of three kinds) the tests compare what it
  makes of an object with what the table makes of it; what is sent to 1.36 is sent to a real one.
- Cases stand in [tests/golden/manifests](../tests/golden/manifests): what is desired, what is served, what is sent. A new
  one needs a folder and no code.`;
