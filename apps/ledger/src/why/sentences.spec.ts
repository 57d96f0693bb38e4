import { describe, expect, it } from '@jest/globals';
import { catalogue } from '@waybill/domain';
import type { Actor, RecordedEvent } from '@waybill/kernel';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type AnyEvent, sentenceOf, writtenReason } from './sentences.js';

const GOLDEN = join(__dirname, '..', '..', '..', '..', 'tests', 'golden', 'events');
const ACTORS: readonly Actor[] = [
  { kind: 'person', id: 'p-1a2b3c4d', roles: [] },
  { kind: 'policy', id: 'deploy-stages', roles: [] },
  { kind: 'operator', id: 'dev', roles: [] },
  { kind: 'system', id: 'first-start', roles: [] },
];

describe('sentences', () => {
  it.each(readdirSync(GOLDEN).filter((name) => name.endsWith('.json')))('%s is told in plain words', (name) => {
    const written = JSON.parse(readFileSync(join(GOLDEN, name), 'utf8')) as RecordedEvent;
    for (const actor of ACTORS) {
      const event = catalogue.upcast<AnyEvent>(written);
      const sentence = sentenceOf(event, {
        actor,
        nameOf: (id) => (id === 'p-1a2b3c4d' ? 'Ada' : id),
        wordsOf: () => undefined,
      });
      expect(sentence).toMatch(/^[A-Za-z0-9].*\.$/);
      expect(sentence).not.toMatch(/undefined|null|\[object|\.\.$/);
      expect(sentence).not.toContain('p-1a2b3c4d');
    }
  });

  it('quotes what a person wrote, as long as it was not erased', () => {
    const event: AnyEvent = {
      type: 'ReleaseRefused',
      data: { release: '019234ab-5c6d-7e8f-9a0b-1c2d3e4f5a6b', by: 'p-1a2b3c4d', reason: 'a'.repeat(64) },
    };
    const telling = { actor: ACTORS[0]!, nameOf: () => 'Bob' };
    expect(writtenReason(event)).toBe('a'.repeat(64));
    expect(sentenceOf(event, { ...telling, wordsOf: () => 'too risky\nbefore the weekend' })).toBe(
      'Bob refused the release: "too risky before the weekend".',
    );
    expect(sentenceOf(event, { ...telling, wordsOf: () => undefined })).toBe('Bob refused the release.');
  });
});
