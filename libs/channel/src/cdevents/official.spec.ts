import { beforeAll, describe, expect, it } from '@jest/globals';
import { catalogue } from '@waybill/domain';
import { createMemoryEventStore } from '@waybill/kernel/testing';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { askGoSdk, goSdkOfCdEvents } from '../testing/go-sdk.js';
import { writeFeedStory } from '../testing/feed-story.js';
import { createFeedHistory } from './facts.js';
import { feedOf } from './feed.js';
import { CdEventSchema, FEED_KINDS, type FeedEvent, FeedEventSchema, typeOf } from './schema.js';

const ROOT = resolve(__dirname, '../../../..');
const GOLDEN = join(ROOT, 'tests/golden/cdevents');

const readJson = (file: string): Record<string, unknown> =>
  JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;

let events: FeedEvent[];

beforeAll(async () => {
  const store = createMemoryEventStore();
  await writeFeedStory(store);
  const history = createFeedHistory({ store, catalogue });
  events = [];
  for (const recorded of await store.readAll(undefined, 1_000_000)) {
    events.push(...(await feedOf(recorded, { store, catalogue }, history)));
  }
});

function ajv(): Ajv2020 {
  const validator = new Ajv2020({ strict: false, allErrors: true });
  addFormats.default(validator);
  return validator;
}

const kindOf = ({ context }: FeedEvent): string => FEED_KINDS.find((kind) => typeOf(kind) === context.type)!;

describe('the examples of each kind', () => {
  it('are what the feed says today; `UPDATE_GOLDEN=1` writes them anew, to be read before they are committed', () => {
    const wanted = new Map(events.map((event) => [`${kindOf(event)}.json`, event]));
    if (process.env['UPDATE_GOLDEN'] === '1') {
      mkdirSync(GOLDEN, { recursive: true });
      for (const [file, event] of wanted) writeFileSync(join(GOLDEN, file), `${JSON.stringify(event, null, 2)}\n`);
    }
    const files = readdirSync(GOLDEN).filter((file) => file.endsWith('.json'));
    expect(files.sort()).toEqual([...wanted.keys()].sort());
    for (const file of files) expect(readJson(join(GOLDEN, file))).toEqual(wanted.get(file));
  });
});

describe('the published schema', () => {
  it('takes every event of the feed', () => {
    const valid = ajv().compile(readJson(join(ROOT, 'docs/schemas/feed-event.json')));
    for (const event of events)
      expect({ valid: valid(event), errors: valid.errors }).toEqual({ valid: true, errors: null });
  });
});

/** What can be wrong with an event, each in one place. The SDK reads a field that is absent as an empty one. */
const DAMAGES: readonly { readonly what: string; readonly damage: (event: Damaged) => void }[] = [
  { what: 'no id', damage: ({ context }) => delete context['id'] },
  { what: 'an id that is empty', damage: ({ context }) => (context['id'] = '') },
  { what: 'no source', damage: ({ context }) => delete context['source'] },
  { what: 'a time that is none', damage: ({ context }) => (context['timestamp'] = 'yesterday') },
  {
    what: 'a type that nobody knows',
    damage: ({ context }) => (context['type'] = 'dev.cdevents.service.vanished.0.3.0'),
  },
  { what: 'a link of an unknown kind', damage: ({ context }) => (context['links'] = [{ linkType: 'SIDEWAYS' }]) },
  { what: 'a subject without an id', damage: ({ subject }) => delete subject['id'] },
  { what: 'an unknown field', damage: (event) => (event['version'] = '1') },
  { what: 'an unknown field of the context', damage: ({ context }) => (context['version'] = '0.4.1') },
];
type Damaged = { context: Record<string, unknown>; subject: Record<string, unknown> } & Record<string, unknown>;

const program = goSdkOfCdEvents();
if (program === undefined) {
  const words = 'there is no Go, or its module github.com/cdevents/sdk-go cannot be had';
  if (process.env['CI'] || process.env['REQUIRE_EVERY_SUITE']) throw new Error(`CDEvents cannot be checked: ${words}`);
  console.warn(`the official SDK of CDEvents is not asked: ${words}`);
}

(program === undefined ? describe.skip : describe)('the official SDK of CDEvents (skipped without Go)', () => {
  it('reads every event of the feed, and writes it as it was', () => {
    expect(askGoSdk(program!, events)).toEqual(events.map(() => null));
  });

  it.each(DAMAGES)('and our schema refuse $what', ({ damage }) => {
    const damaged = events.map((event) => {
      const copy = structuredClone(event) as unknown as Damaged;
      damage(copy);
      return copy;
    });
    for (const each of damaged) expect(FeedEventSchema.safeParse(each).success).toBe(false);
    expect(askGoSdk(program!, damaged)).toEqual(damaged.map(() => expect.any(String)));
  });
});

const specification = process.env['CDEVENTS_SPEC'];
if (specification === undefined) {
  console.warn(
    'the files of the specification are not read: give CDEVENTS_SPEC, a checkout of cdevents/spec at v0.5.1',
  );
}

(specification === undefined ? describe.skip : describe)(
  'the files of the specification (skipped without CDEVENTS_SPEC)',
  () => {
    const schemas = new Map<string, ValidateFunction>();

    beforeAll(() => {
      const validator = ajv();
      const folders = ['schemas', 'schemas/links', 'custom'].map((folder) => join(specification!, folder));
      const files = folders.flatMap((folder) =>
        existsSync(folder) ? readdirSync(folder).map((file) => join(folder, file)) : [],
      );
      const read = files.filter((file) => file.endsWith('.json') && !file.endsWith('conformance.json')).map(readJson);
      for (const schema of read) validator.addSchema(schema);
      for (const schema of read) {
        const compiled = validator.getSchema(schema['$id'] as string)!;
        const { context } = (schema['properties'] ?? {}) as { context?: { properties: { type: { enum?: string[] } } } };
        for (const type of context?.properties.type.enum ?? ['custom']) schemas.set(type, compiled);
      }
    });

    it('have a schema for each standard type of the feed, which takes every event of ours', () => {
      for (const event of events) {
        const { type } = event.context;
        const valid = schemas.get(type.startsWith('dev.cdeventsx.') ? 'custom' : type);
        expect({ type, valid: valid?.(event), errors: valid?.errors }).toEqual({ type, valid: true, errors: null });
      }
    });

    it('have conformance examples of the types of the feed, which our schema takes', () => {
      const standard = FEED_KINDS.filter((kind) => !kind.startsWith('waybill-'));
      for (const kind of standard) {
        const example = readJson(join(specification!, 'conformance', `${kind.replace('.', '_')}.json`));
        const { error } = CdEventSchema.safeParse(example);
        expect({ kind, error }).toEqual({ kind, error: undefined });
      }
    });
  },
);
