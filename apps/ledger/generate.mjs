// Writes src/graphql.gen.ts from schema.graphql; with --check only tells whether it is stale (exit code 1).
import { codegen } from '@graphql-codegen/core';
import * as typescript from '@graphql-codegen/typescript';
import { Kind, parse } from 'graphql';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';

const here = (name) => fileURLToPath(new URL(name, import.meta.url));

/** The API's enums stand for the domain's lower-case words, as src/graphql/enums.ts makes it at run time. */
const AS_WRITTEN = new Set(['ReleaseState']);

function enumWords(document) {
  return Object.fromEntries(
    document.definitions
      .filter(({ kind, name }) => kind === Kind.ENUM_TYPE_DEFINITION && !AS_WRITTEN.has(name.value))
      .map(({ name, values }) => [
        name.value,
        Object.fromEntries(values.map((value) => [value.name.value, value.name.value.toLowerCase()])),
      ]),
  );
}

export async function generate({ check = false } = {}) {
  const schema = parse(readFileSync(here('schema.graphql'), 'utf8'));
  const filename = here('src/graphql.gen.ts');
  const text = await codegen({
    filename,
    schema,
    documents: [],
    config: {},
    pluginMap: { typescript },
    plugins: [
      {
        typescript: {
          enumsAsTypes: true,
          avoidOptionals: { field: true },
          enumValues: enumWords(schema),
          immutableTypes: true,
          skipTypename: true,
          useTypeImports: true,
          strictScalars: true,
          scalars: { DateTime: 'string', JSON: 'unknown', Position: 'string' },
          maybeValue: 'T | null',
          inputMaybeValue: 'T | null | undefined',
        },
      },
    ],
  });
  const header = '// Generated from schema.graphql by apps/ledger/generate.mjs. Do not edit.\n';
  const wanted = await format(header + text, { ...(await resolveConfig(filename)), filepath: filename });
  if (check) return readFileSync(filename, 'utf8') === wanted ? [] : ['apps/ledger/src/graphql.gen.ts'];
  writeFileSync(filename, wanted);
  return [];
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const stale = await generate({ check: process.argv.includes('--check') });
  if (stale.length > 0) {
    console.error(`stale: ${stale.join(', ')}; run npm run generate`);
    process.exit(1);
  }
}
