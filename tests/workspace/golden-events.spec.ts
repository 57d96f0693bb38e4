import { describe, expect, it } from '@jest/globals';
import { catalogue } from '@waybill/domain';
import type { RecordedEvent } from '@waybill/kernel';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Frozen examples, one for each version of each event that was ever written. Never edited: add, don't change. */
const FOLDER = join(__dirname, '../golden/events');
const files = readdirSync(FOLDER).sort();

type Golden = Pick<RecordedEvent, 'type' | 'version' | 'data'>;
const read = (file: string): Golden => JSON.parse(readFileSync(join(FOLDER, file), 'utf8')) as Golden;

const definitions = catalogue.streams.flatMap(({ events }) => Object.entries(events));

describe('golden events', () => {
  it('are there for every version of every event, and for nothing else', () => {
    const expected = definitions.flatMap(([type, { version }]) =>
      Array.from({ length: version }, (_, from) => `${type}.v${from + 1}.json`),
    );
    expect(files).toEqual(expected.sort());
  });

  it.each(files)('%s says in itself what its name says', (file) => {
    const { type, version } = read(file);
    expect(`${type}.v${version}.json`).toBe(file);
  });

  it.each(files)("%s upcasts to today's type and passes today's schema", (file) => {
    const golden = read(file);
    const event = catalogue.upcast(golden);
    const { version, data } = catalogue.check(event);
    expect(version).toBe(catalogue.definition(golden.type).version);
    expect(data).toEqual(event.data);
  });
});

describe('an older version of an event', () => {
  const older = files.map(read).filter(({ type, version }) => version < catalogue.definition(type).version);

  it.each(older.map((golden) => [`${golden.type}.v${golden.version}`, golden] as const))(
    '%s becomes, upcast, what the golden file of the newest version says',
    (_name, golden) => {
      const { version } = catalogue.definition(golden.type);
      expect(catalogue.upcast(golden).data).toEqual(read(`${golden.type}.v${version}.json`).data);
    },
  );
});

describe('the catalogue', () => {
  const page = readFileSync(join(__dirname, '../../docs/events.md'), 'utf8');

  it.each(definitions)('has %s on its page, and what each version of it changed', (type, { version, doc, changed }) => {
    expect(page).toContain(`\n### ${type}\n\nVersion ${version}. ${doc}\n`);
    for (let since = 2; since <= version; since++) {
      expect(changed?.[since]).toMatch(/^[A-Z].*[.]$/);
      expect(page).toContain(`Since version ${since}: ${changed?.[since]}`);
    }
  });

  it.each(definitions)('documents %s in one sentence', (_type, { doc }) => {
    expect(doc).toMatch(/^[A-Z].*[.]$/);
  });

  it('names every event in PascalCase', () => {
    expect(definitions.map(([type]) => type).filter((type) => !/^([A-Z][a-z]+)+$/.test(type))).toEqual([]);
  });
});
