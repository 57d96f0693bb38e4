import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { parseAllDocuments } from 'yaml';
import type { KubernetesObject } from '../../../plan/objects.js';
import type { Health, LiveObject } from '../cluster.js';
import { healthOf } from './health.js';

/**
 * `<kind>/<case>.yaml`: the object as a cluster gave it, and a second document with what must come of it (`expected`:
 * status, reason and, where it matters, message) and what else is known (`extra`). A new case needs its file only.
 */
const CASES = join(__dirname, '../../../../../../tests/golden/health');

interface Case {
  readonly expected: Pick<Health, 'status' | 'reason'> & { readonly message?: string };
  readonly extra?: { readonly now?: string; readonly applied?: KubernetesObject };
}

const cases = readdirSync(CASES).flatMap((kind) => readdirSync(join(CASES, kind)).map((file) => join(kind, file)));

describe('golden health', () => {
  it.each(cases)('%s', (file) => {
    const documents = parseAllDocuments(readFileSync(join(CASES, file), 'utf8'));
    const [object, { expected, extra = {} }] = documents.map((document) => document.toJS() as unknown) as [
      LiveObject,
      Case,
    ];
    const { now, applied } = extra;
    const health = healthOf(object, {
      ...(now === undefined ? {} : { now: new Date(now) }),
      ...(applied === undefined ? {} : { applied }),
    });
    expect(health).toMatchObject(expected);
    expect(health.message).not.toBe('');
  });
});
