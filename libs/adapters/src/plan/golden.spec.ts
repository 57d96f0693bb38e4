import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { DesiredState } from '@waybill/channel';
import type { Capabilities } from './capabilities.js';
import { toFiles } from './files.js';
import { planObjects } from './plan-objects.js';
import { RejectedError } from './rejected.js';
import type { Tracks } from './tracks.js';
import { toYaml } from './yaml.js';

/**
 * One folder a case: `desired.json`, `capabilities.json`, `tracks.json` where the location shifts traffic, and what must
 * come of them in `expected/`. A new case needs
 * its folder only; `UPDATE_GOLDEN=1` writes `expected/` anew, to be read before it is committed.
 */
const CASES = join(__dirname, '../../../../tests/golden/manifests');
const GENERATION = 7;

const json = (file: string): unknown => JSON.parse(readFileSync(file, 'utf8'));

function filesOf(folder: string): Record<string, string> {
  if (!existsSync(folder)) return {};
  return Object.fromEntries(readdirSync(folder).map((file) => [file, readFileSync(join(folder, file), 'utf8')]));
}

function planned(folder: string): Record<string, string> {
  const desired = DesiredState.parse(json(join(folder, 'desired.json')));
  const capabilities = json(join(folder, 'capabilities.json')) as Capabilities;
  const file = join(folder, 'tracks.json');
  const tracks = existsSync(file) ? (json(file) as Tracks) : undefined;
  try {
    return toFiles(planObjects(desired, GENERATION, capabilities, tracks).objects);
  } catch (error) {
    if (!(error instanceof RejectedError)) throw error;
    const { reason, message, hint } = error;
    return { 'rejected.yaml': toYaml({ reason, message, hint }) };
  }
}

describe('golden manifests', () => {
  it.each(readdirSync(CASES))('%s', (name) => {
    const folder = join(CASES, name);
    const expected = join(folder, 'expected');
    const files = planned(folder);
    if (process.env['UPDATE_GOLDEN'] === '1') {
      rmSync(expected, { recursive: true, force: true });
      mkdirSync(expected);
      for (const [file, text] of Object.entries(files)) writeFileSync(join(expected, file), text);
    }
    expect(files).toEqual(filesOf(expected));
  });
});
