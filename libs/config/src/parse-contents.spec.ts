import { describe, expect, it } from '@jest/globals';
import { isWaybillError } from '@waybill/kernel';
import fc from 'fast-check';
import { z } from 'zod';
import { WaybillYaml, parseContents } from './index.js';

describe('waybill.yaml', () => {
  it('may be empty', () => {
    expect(parseContents({ files: { 'waybill.yaml': '' } }).settings).toEqual({ replicas: 1, env: {}, secretEnv: {} });
  });

  it('may hold everything', () => {
    const text = `
      replicas: 3
      cpu: 0.5
      memory: 256Mi
      env:
        LOG_LEVEL: info
        PASSWORD: { from: shop-db/pass.word }
      autoscaling: { minReplicas: 2, maxReplicas: 5, targetCpuPercent: 80 }
      strategy:
        type: canary
        steps: [{ weight: 20, pauseSeconds: 60 }, { weight: 100, pauseSeconds: null }]
    `;
    expect(parseContents({ files: { 'waybill.yaml': text } }).settings).toEqual({
      replicas: 3,
      cpu: '0.5',
      memory: '256Mi',
      env: { LOG_LEVEL: 'info' },
      secretEnv: { PASSWORD: { secret: 'shop-db', key: 'pass.word' } },
      autoscaling: { minReplicas: 2, maxReplicas: 5, targetCpuPercent: 80 },
      strategy: {
        type: 'canary',
        steps: [
          { weight: 20, pauseSeconds: 60 },
          { weight: 100, pauseSeconds: null },
        ],
      },
    });
  });

  it('has a JSON schema that explains every field', () => {
    const schema = z.toJSONSchema(WaybillYaml, { io: 'input' });
    for (const [name, property] of Object.entries(schema.properties ?? {})) {
      expect([name, property]).toEqual([name, expect.objectContaining({ description: expect.any(String) })]);
    }
    expect(schema.additionalProperties).toBe(false);
  });

  it.each(['a/b/c', '/key', 'name/', 'name', 'Upper/key'])('refuses the reference %j', (from) => {
    const files = { 'waybill.yaml': `env:\n  A: { from: "${from}" }\n` };
    expect(() => parseContents({ files })).toThrow('waybill.yaml:2: ');
  });
});

describe('parseContents', () => {
  it.each([
    ['INVALID_INPUT', 'waybill.yaml: there is no waybill.yaml', {}],
    ['INVALID_INPUT', 'waybill.yaml:2: unknown field x', { 'waybill.yaml': '\nx: 1' }],
    ['CONTENT_TOO_LARGE', 'big: ', { 'waybill.yaml': '', big: 'x'.repeat(800_000) }],
    ['SECRET_FOUND', 's:1: ', { 'waybill.yaml': '', s: 'kind: Secret\ndata: { a: b }\n' }],
  ])('throws %s: %s', (code, message, files) => {
    expect(() => parseContents({ files: files as Record<string, string> })).toThrow(
      expect.objectContaining({ code, message: expect.stringContaining(message) }),
    );
  });

  it('parses any text or says what is wrong with it', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.json(),
      fc.stringMatching(/^[a-z:\-\n &*[\]{}"'|>%!#?,0-9]*$/),
    );
    fc.assert(
      fc.property(text, text, (settings, manifest) => {
        try {
          parseContents({ files: { 'waybill.yaml': settings, 'manifests/a.yaml': manifest } });
        } catch (error) {
          expect(isWaybillError(error)).toBe(true);
        }
      }),
      { numRuns: 500 },
    );
  });
});
