import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { EventCatalogue, defineStream, parseInput, type EventDefinitions } from './catalogue.js';
import { isWaybillError } from './errors.js';

const ported = defineStream('thing', 'A thing.', {
  ThingMade: {
    version: 3,
    doc: 'It was made.',
    data: z.strictObject({ name: z.string().trim().min(1, 'is empty'), size: z.strictObject({ width: z.int() }) }),
    upcast: {
      1: ({ title, ...rest }) => ({ ...rest, name: title }),
      2: ({ width, ...rest }) => ({ ...rest, size: { width } }),
    },
    changed: { 2: 'Its title became its name.', 3: 'Its width became part of its size.' },
  },
});
const catalogue = new EventCatalogue([ported]);

const thrown = (work: () => unknown) => {
  try {
    work();
  } catch (error) {
    if (isWaybillError(error)) return error;
  }
  throw new Error('expected a WaybillError');
};

describe('checking what is written', () => {
  it('gives the newest version and the data as the schema has it', () => {
    const data = { name: ' n ', size: { width: 1 } };
    expect(catalogue.check({ type: 'ThingMade', data })).toEqual({
      version: 3,
      data: { name: 'n', size: { width: 1 } },
    });
  });

  it('names each field that is wrong', () => {
    const error = thrown(() =>
      catalogue.check({ type: 'ThingMade', data: { name: '', size: { width: 1.5 }, odd: 1 } }),
    );
    expect(error.code).toBe('INVALID_EVENT');
    expect(error.fields.map(({ field }) => field).toSorted()).toEqual(['(root)', 'name', 'size.width']);
    expect(error.message).toContain('unknown field odd');
  });

  it('does not know other types', () => {
    expect(thrown(() => catalogue.check({ type: 'ThingLost', data: {} })).code).toBe('UNKNOWN_EVENT');
  });
});

describe('lifting what is read', () => {
  const newest = { type: 'ThingMade', data: { name: 'n', size: { width: 1 } } };

  it.each([
    [1, { title: 'n', width: 1 }],
    [2, { name: 'n', width: 1 }],
    [3, { name: 'n', size: { width: 1 } }],
  ])('from version %d', (version, data) => {
    const recorded = Object.freeze({ type: 'ThingMade', version, data: Object.freeze(data) });
    expect(catalogue.upcast(recorded)).toEqual(newest);
    expect(catalogue.check(catalogue.upcast(recorded)).version).toBe(3);
  });

  it('refuses a version that is not known yet', () => {
    const error = thrown(() => catalogue.upcast({ type: 'ThingMade', version: 4, data: {} }));
    expect(error).toMatchObject({ code: 'UNKNOWN_EVENT', hint: expect.stringContaining('Upgrade') });
  });
});

describe('a catalogue that cannot work is refused at the start', () => {
  const stream = (events: EventDefinitions) => defineStream('thing', 'A thing.', events);
  const definition = { version: 1, doc: 'A thing.', data: z.strictObject({}) };

  it('when an upcaster is missing', () => {
    const events = { Made: { ...definition, version: 3, upcast: { 2: (data: object) => ({ ...data }) } } };
    expect(() => new EventCatalogue([stream(events)])).toThrow('Made lacks an upcaster from version 1');
  });

  it('when a version does not say what it changed', () => {
    const upcast = { 1: (data: object) => ({ ...data }) };
    expect(() => new EventCatalogue([stream({ Made: { ...definition, version: 2, upcast } })])).toThrow(
      'Made does not say what version 2 changed',
    );
  });

  it('when a type is defined twice', () => {
    expect(() => new EventCatalogue([stream({ Made: definition }), stream({ Made: definition })])).toThrow('twice');
  });
});

describe('parseInput', () => {
  const schema = z.strictObject({ ports: z.array(z.strictObject({ port: z.int() })) });

  it('gives what the schema gives', () => {
    expect(parseInput(schema, { ports: [{ port: 80 }] }, 'developer metadata')).toEqual({ ports: [{ port: 80 }] });
  });

  it('names what was given and the dotted path of each fault', () => {
    const error = thrown(() => parseInput(schema, { ports: [{ port: 80 }, { port: 'x' }] }, 'developer metadata'));
    expect(error).toMatchObject({ code: 'INVALID_INPUT', fields: [{ field: 'ports.1.port' }] });
    expect(error.message).toMatch(/^developer metadata: ports\.1\.port: /);
  });
});
