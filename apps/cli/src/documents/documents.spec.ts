import { describe, expect, it } from '@jest/globals';
import { buildSchema, parse, validate } from 'graphql';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as access from './access.js';
import * as diff from './diff.js';
import * as environments from './environments.js';
import * as incidents from './incidents.js';
import * as locations from './locations.js';
import * as log from './log.js';
import * as migrations from './migrations.js';
import * as projects from './projects.js';
import * as releases from './releases.js';
import * as statistics from './statistics.js';
import * as search from './search.js';

const schema = buildSchema(readFileSync(join(__dirname, '../../../ledger/schema.graphql'), 'utf8'));
const documents = Object.entries({
  ...access,
  ...diff,
  ...environments,
  ...incidents,
  ...locations,
  ...log,
  ...migrations,
  ...projects,
  ...releases,
  ...statistics,
  ...search,
});

describe('documents', () => {
  it.each(documents)('%s is valid against the ledger’s schema', (_, document) => {
    expect(validate(schema, parse(document)).map(({ message }) => message)).toEqual([]);
  });

  it('uses every mutation of the ledger', () => {
    const used = documents.map(([, document]) => document).join('\n');
    const mutations = Object.keys(schema.getMutationType()?.getFields() ?? {});
    expect(mutations.filter((name) => !new RegExp(`\\b${name}\\b`).test(used))).toEqual([]);
  });
});
