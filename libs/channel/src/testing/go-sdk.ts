import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { sha256 } from '@waybill/kernel';

const SOURCES = resolve(__dirname, '../../../../tests/cdevents/validator');
const CACHE = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'waybill', 'cdevents-validator');

/**
 * A program that asks the official Go SDK of CDEvents about events (tests/cdevents/validator), built once for these
 * sources and kept outside the checkout; undefined when there is no Go, or its modules cannot be had.
 */
export function goSdkOfCdEvents(): string | undefined {
  const sources = ['go.mod', 'go.sum', 'main.go'].map((file) => readFileSync(join(SOURCES, file), 'utf8'));
  const program = join(CACHE, sha256(sources.join('\n')).slice(0, 16));
  if (existsSync(program)) return program;
  mkdirSync(CACHE, { recursive: true });
  const building = `${program}.${process.pid}`;
  const built = spawnSync('go', ['build', '-o', building, '.'], { cwd: SOURCES, stdio: 'ignore', timeout: 280_000 });
  if (built.status !== 0) return undefined;
  // Another run may have built it meanwhile: the same program.
  renameSync(building, program);
  return program;
}

/** What the SDK has against each event; null when nothing. */
export function askGoSdk(program: string, events: readonly unknown[]): readonly (string | null)[] {
  const answer = execFileSync(program, { input: JSON.stringify(events), encoding: 'utf8', maxBuffer: 1e9 });
  return JSON.parse(answer) as (string | null)[];
}
