import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  type Verdict,
  makeProof,
  openLogTree,
  parseGivenCheckpoint,
  parseProof,
  parseVerifierKey,
  verifyArchive,
  verifyProof,
} from '@waybill/evidence';
import { type SealedLedger, createMemoryTiles } from '@waybill/evidence/testing';
import { isWaybillError } from '@waybill/kernel';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type Case, damagedArchives, noArchives, randomDamages, sampleLedger, bytesOf } from './damages.js';
import { pythonWithCryptography } from './python.js';

const VERIFY = resolve(__dirname, '../../tools/verify/verify.py');

const python = pythonWithCryptography();
if (python === undefined) {
  const words = 'no Python 3 with the package cryptography, and none could be installed';
  if (process.env['CI'] || process.env['REQUIRE_EVERY_SUITE'])
    throw new Error(`the second verifier cannot be run: ${words}`);
  console.warn(`the second verifier is not run: ${words}`);
}
const suite = python === undefined ? describe.skip : describe;

/** Runs the second verifier on many cases in one process. */
const MANY = `
import base64, io, json, sys
sys.path.insert(0, sys.argv[1])
import verify
answers = []
for case in json.load(sys.stdin):
    try:
        kept = case.get('checkpoint') and verify.Checkpoint(verify.Note(case['checkpoint']))
        file = io.BytesIO(base64.b64decode(case['archive']))
        answers.append(verify.verify_archive(file, verify.Key(case['key']), kept))
    except verify.Unusable as unusable:
        answers.append(None)
json.dump(answers, sys.stdout)
`;

function second(cases: readonly Case[]): (Verdict | null)[] {
  const printed = execFileSync(python!, ['-B', '-c', MANY, join(VERIFY, '..')], {
    input: JSON.stringify(cases.map((each) => ({ ...each, archive: each.archive.toString('base64') }))),
    encoding: 'utf8',
    maxBuffer: 1e9,
  });
  return JSON.parse(printed) as (Verdict | null)[];
}

async function first({ archive, key, checkpoint }: Case): Promise<Verdict | null> {
  async function* chunks() {
    yield archive;
  }
  try {
    return await verifyArchive(chunks(), {
      key: parseVerifierKey(key),
      checkpoint: checkpoint === undefined ? undefined : parseGivenCheckpoint(checkpoint),
    });
  } catch (error) {
    if (isWaybillError(error, 'INVALID_INPUT')) return null;
    throw error;
  }
}

const leavesIn = (archive: Buffer, count: number): readonly string[] =>
  archive
    .toString('latin1')
    .split('\n')
    .filter((line) => line.startsWith('{"actor":') && !line.includes('"stream":"checkpoint"'))
    .slice(0, count);

/** Each has words of its own. */
const comparable = (verdict: Verdict | null) =>
  verdict && { ...verdict, problem: verdict.problem && { ...verdict.problem, message: '' } };

suite('two verifiers (skipped without Python and cryptography)', () => {
  let ledger: SealedLedger;
  let lines: readonly string[];
  beforeAll(async () => {
    ledger = await sampleLedger();
    lines = await ledger.archive();
  }, 60_000);

  it('say the same of every kind of damage, and what is expected', async () => {
    const cases = await damagedArchives(ledger);
    const answers = second(cases);
    for (const [index, each] of cases.entries()) {
      const verdict = await first(each);
      const { name } = each;
      expect({ name, ...comparable(answers[index]!) }).toEqual({ name, ...comparable(verdict) });
      const found = verdict!.problem && [verdict!.problem.kind, verdict!.problem.line];
      expect({ name, found }).toEqual({ name, found: each.expected });
    }
  }, 120_000);

  it('take nothing for an archive that is none', async () => {
    const cases = noArchives(lines, ledger.keys[0]!.text);
    const answers = second(cases);
    for (const [index, each] of cases.entries()) {
      const { name } = each;
      expect({ name, verdicts: [await first(each), answers[index]] }).toEqual({ name, verdicts: [null, null] });
    }
  });

  it('say the same of archives that are damaged at random', async () => {
    const cases = ledger.keys.flatMap(({ text }, i) => randomDamages(lines, text, 400, 7 + i));
    const answers = second(cases);
    for (const [index, each] of cases.entries()) {
      const { name } = each;
      const verdict = await first(each);
      expect({ name, verdict: comparable(answers[index]!) }).toEqual({ name, verdict: comparable(verdict) });
      if (verdict?.problem !== null) continue;
      const { treeSize } = verdict.sealed!;
      expect({ name, sealed: leavesIn(each.archive, treeSize) }).toEqual({
        name,
        sealed: leavesIn(bytesOf(lines), treeSize),
      });
    }
  }, 120_000);

  describe('from a command line', () => {
    let folder: string;
    beforeAll(() => {
      folder = mkdtempSync(join(tmpdir(), 'waybill-two-verifiers-'));
    });
    afterAll(() => rmSync(folder, { recursive: true }));
    const file = (name: string, text: string | Buffer): string => {
      writeFileSync(join(folder, name), text);
      return join(folder, name);
    };
    const run = (...args: readonly string[]) => spawnSync(python!, [VERIFY, ...args], { encoding: 'utf8' });

    it('the second ends with 0, 1 and 2 as the first does', () => {
      const archive = file('ledger.archive', bytesOf(lines));
      const key = file('ledger.pub', `${ledger.keys[0]!.text}\n`);
      const kept = file('kept.note', ledger.checkpoints[1]!);
      expect(run(archive, '--key', key, '--checkpoint', kept)).toMatchObject({ status: 0, stderr: '' });
      const changed = file('changed.archive', bytesOf(lines).toString().replace('person', 'policy'));
      expect(run(changed, '--key', key)).toMatchObject({ status: 1, stdout: expect.stringMatching(/^NOT SOUND: /) });
      expect(run(key, '--key', key)).toMatchObject({ status: 2, stdout: '' });
      expect(run(archive, '--key', kept)).toMatchObject({ status: 2, stdout: '' });
      expect(run(join(folder, 'none'), '--key', key)).toMatchObject({ status: 2, stdout: '' });
    });

    it('both say the same of proofs, sound and damaged', async () => {
      const tree = await openLogTree(ledger.store, createMemoryTiles());
      await tree.read(await ledger.store.readAll(undefined, 1000));
      const proof = await makeProof({
        ledgerId: ledger.store.ledgerId,
        tree,
        event: (await ledger.store.readStream('thing-b'))[1]!,
        checkpoint: ledger.checkpoints[2]!,
        rotations: ledger.rotations,
        older: ledger.checkpoints[1]!,
      });
      const key = file('ledger.pub', ledger.keys[0]!.text);
      const kept = file('kept.note', ledger.checkpoints[1]!);
      const damages = [
        proof,
        { ...proof, index: proof.index + 1 },
        { ...proof, event: proof.event.replace('person', 'policy') },
        { ...proof, inclusion: proof.inclusion.slice(1) },
        { ...proof, rotations: [] },
        { ...proof, checkpoint: ledger.checkpoints[0]! },
        { ...proof, consistency: { ...proof.consistency!, path: proof.consistency!.path.slice(1) } },
        { ...proof, consistency: undefined },
      ];
      for (const [index, damaged] of damages.entries()) {
        const path = file(`${index}.proof`, JSON.stringify(damaged));
        const answer = run('--proof', path, '--key', key, '--checkpoint', kept, '--json');
        const verdict = verifyProof(
          parseProof(JSON.stringify(damaged)),
          parseVerifierKey(ledger.keys[0]!.text),
          parseGivenCheckpoint(ledger.checkpoints[1]!),
        );
        const told = JSON.parse(answer.stdout) as typeof verdict;
        expect({ index, ...told, problem: told.problem === null }).toEqual({
          index,
          ...verdict,
          problem: verdict.problem === null,
        });
        expect(answer.status).toBe(index === 0 ? 0 : 1);
      }
    });
  });
});
