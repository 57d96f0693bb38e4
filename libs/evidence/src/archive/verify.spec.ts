import { beforeAll, describe, expect, it } from '@jest/globals';
import { newPrivateKey, parseVerifierKey, signingKey } from '../note/keys.js';
import { originOf } from '../note/statements.js';
import { createSealedLedger, type SealedLedger } from '../testing/index.js';
import { parseGivenCheckpoint } from './given-checkpoint.js';
import type { Verdict } from './verdict.js';
import { verifyArchive } from './verify.js';

interface Given {
  readonly key?: string;
  readonly checkpoint?: string;
  /** Bytes of each piece that the file is read in. */
  readonly pieces?: number;
  readonly lastNewline?: boolean;
}

describe('verifying an archive', () => {
  let ledger: SealedLedger;
  /** Line 1 is the header; line n of the archive is `lines[n - 1]`. */
  let lines: string[];

  // Three checkpoints: over 2 + 9 events, then over 6 more, one of them written before it but left out, then all.
  beforeAll(async () => {
    ledger = await createSealedLedger();
    for (let i = 0; i < 3; i++) for (const name of ['a', 'b', 'c']) await ledger.write(`thing-${name}`);
    await ledger.seal();
    for (let i = 0; i < 2; i++) for (const name of ['a', 'b', 'd']) await ledger.write(`thing-${name}`);
    await ledger.seal({ leaving: 1 });
    await ledger.write('thing-e', 2);
    await ledger.seal();
    lines = await ledger.archive();
  });

  async function verify(
    archive: readonly string[],
    { key = ledger.keys[0]!.text, checkpoint, pieces = 1000, lastNewline = true }: Given = {},
  ): Promise<Verdict> {
    const bytes = Buffer.from(archive.join('\n') + (lastNewline ? '\n' : ''));
    async function* chunks() {
      for (let at = 0; at < bytes.length; at += pieces) yield bytes.subarray(at, at + pieces);
    }
    return verifyArchive(chunks(), {
      key: parseVerifierKey(key),
      checkpoint: checkpoint === undefined ? undefined : parseGivenCheckpoint(checkpoint),
    });
  }

  const lineOf = (stream: string, revision: number): number =>
    lines.findIndex((line) => line.includes(`"revision":${revision},"stream":"${stream}"`)) + 1;
  const without = (line: number): string[] => lines.toSpliced(line - 1, 1);
  const changed = (line: number, from: string | RegExp, to: string): string[] =>
    lines.with(line - 1, lines[line - 1]!.replace(from, to));

  describe('that is sound', () => {
    it.each([1, 7, 64, 1_000_000])('finds nothing, read %i bytes at a time', async (pieces) => {
      expect(await verify(lines, { pieces })).toEqual({
        ledgerId: ledger.store.ledgerId,
        events: 22,
        streams: 7,
        checkpoints: 3,
        sealed: { treeSize: 19, root: expect.any(String), position: '21', keyId: ledger.keys[0]!.id },
        unsealed: null,
        problem: null,
      });
    });

    it('says what lies unsealed behind the last checkpoint', async () => {
      await ledger.write('thing-f', 2);
      const verdict = await verify(await ledger.archive());
      expect(verdict).toMatchObject({ problem: null, sealed: { treeSize: 19 }, unsealed: { events: 2 } });
      expect((await ledger.archive())[verdict.unsealed!.line - 1]).toContain('"stream":"thing-f"');
    });

    it('takes any of its checkpoints as one kept elsewhere', async () => {
      for (const checkpoint of ledger.checkpoints) {
        expect(await verify(lines, { checkpoint })).toMatchObject({ problem: null });
      }
    });

    it('does not need the newline at the end', async () => {
      expect(await verify(lines, { lastNewline: false })).toMatchObject({ problem: null });
    });
  });

  describe('names the first event that is', () => {
    it.each([
      ['changed, in the middle of its stream', 'thing-a', 1],
      ['changed, the last of its stream', 'thing-c', 2],
      ['changed, the first of its stream', 'thing-d', 0],
      ['changed, the first of all', 'ledger', 0],
      ['changed, sealed by a later checkpoint', 'thing-d', 1],
    ])('%s', async (_what, stream, revision) => {
      const line = lineOf(stream, revision);
      const verdict = await verify(changed(line, '"kind":"person"', '"kind":"policy"'));
      expect(verdict.problem).toMatchObject({ kind: 'changed', line, stream, revision });
    });

    it('changed, even where the change breaks the JSON', async () => {
      const line = lineOf('thing-b', 1);
      const verdict = await verify(changed(line, '"kind":"person"', '"kind":person"'));
      expect(verdict.problem).toMatchObject({ kind: 'changed', line, stream: 'thing-b', revision: 1 });
    });

    it('broken beyond recognition', async () => {
      const line = lineOf('thing-b', 1);
      expect((await verify(changed(line, /"version":1\}$/, '"version":1'))).problem).toMatchObject({
        kind: 'broken',
        line,
        stream: null,
      });
      expect((await verify(lines.toSpliced(line - 1, 0, 'x'.repeat(3_000_000)))).problem).toMatchObject({
        kind: 'broken',
        line,
      });
      expect((await verify(lines.toSpliced(line - 1, 0, ''))).problem).toMatchObject({ kind: 'broken', line });
    });

    it('removed', async () => {
      const line = lineOf('thing-a', 1);
      expect((await verify(without(line))).problem).toMatchObject({
        kind: 'removed',
        line,
        stream: 'thing-a',
        revision: 1,
      });
    });

    it('removed, the last of its stream: then only its hash is known', async () => {
      const line = lineOf('thing-c', 2);
      expect((await verify(without(line))).problem).toMatchObject({ kind: 'removed', line, stream: null });
    });

    it('inserted', async () => {
      const line = lineOf('thing-b', 2);
      const foreign = lines[line - 1]!.replace('"stream":"thing-b"', '"stream":"thing-x"');
      expect((await verify(lines.toSpliced(line - 1, 0, foreign))).problem).toMatchObject({
        kind: 'inserted',
        line,
        stream: 'thing-x',
        revision: 2,
      });
    });

    it('written twice', async () => {
      const line = lineOf('thing-b', 1);
      expect((await verify(lines.toSpliced(line + 1, 0, lines[line - 1]!))).problem).toMatchObject({
        kind: 'inserted',
        line: line + 2,
        stream: 'thing-b',
        revision: 1,
      });
    });

    it('reordered, between streams, which no chain would notice', async () => {
      const [first, second] = [lineOf('thing-a', 1), lineOf('thing-b', 1)];
      const swapped = lines.with(first - 1, lines[second - 1]!).with(second - 1, lines[first - 1]!);
      expect((await verify(swapped)).problem).toMatchObject({
        kind: 'reordered',
        line: first,
        stream: 'thing-b',
        revision: 1,
      });
    });

    it('at fault when several are', async () => {
      const [first, second] = [lineOf('thing-c', 2), lineOf('thing-d', 0)];
      const both = changed(first, 'policy', 'person').map((line, i) =>
        i === first - 1 || i === second - 1 ? line.replace('person', 'system') : line,
      );
      expect((await verify(both)).problem).toMatchObject({ line: first, stream: 'thing-c', revision: 2 });
    });
  });

  describe('without the hashes that were sealed', () => {
    const bare = (archive: readonly string[]): string[] => archive.filter((line) => !line.startsWith('{"sealed":'));

    it('still finds a sound one sound', async () => {
      expect(await verify(bare(lines))).toMatchObject({ problem: null });
    });

    it('names what the chains of the streams tell', async () => {
      const line = lineOf('thing-a', 1);
      expect((await verify(bare(changed(line, 'person', 'policy')))).problem).toMatchObject({
        kind: 'changed',
        line,
        stream: 'thing-a',
        revision: 1,
      });
      expect((await verify(bare(without(line)))).problem).toMatchObject({
        kind: 'removed',
        stream: 'thing-a',
        revision: 1,
      });
    });

    it('narrows the rest down to what one checkpoint sealed', async () => {
      const archive = bare(changed(lineOf('thing-c', 2), 'person', 'policy'));
      expect((await verify(archive)).problem).toMatchObject({ kind: 'altered', line: 2 });
    });

    it('does not believe forged ones', async () => {
      const line = lines.findIndex((each) => each.startsWith('{"sealed":')) + 1;
      const forged = lines.with(line - 1, lines[line - 1]!.replaceAll(/"[0-9a-f]/g, '"0'));
      expect(await verify(forged)).toMatchObject({ problem: null });
      const archive = forged.with(
        lineOf('thing-c', 2) - 1,
        lines[lineOf('thing-c', 2) - 1]!.replace('person', 'policy'),
      );
      expect((await verify(archive)).problem).toMatchObject({ kind: 'altered', line: 2 });
    });
  });

  describe('whose checkpoints are not what they seem', () => {
    const checkpointLine = (revision: number): number => lineOf('checkpoint', revision);

    it('finds a signature that is not of the key', async () => {
      const line = checkpointLine(1);
      const broken = changed(line, /(— \S+ \S{20})./, '$1A');
      expect((await verify(broken)).problem).toMatchObject({ kind: 'forged', line, stream: 'checkpoint', revision: 1 });
    });

    it('finds a root that was not signed', async () => {
      const line = checkpointLine(0);
      const text = changed(line, /"root":"."/, '"root":"0"');
      expect((await verify(changed(line, /"treeSize":11/, '"treeSize":12'))).problem).toMatchObject({
        kind: 'forged',
        line,
      });
      expect(
        (await verify(text.with(line - 1, text[line - 1]!.replace(/("root":").{4}/, '$10000')))).problem,
      ).toMatchObject({
        kind: 'forged',
        line,
      });
    });

    it('finds one of another key, whoever introduced it', async () => {
      const other = await createSealedLedger();
      const thief = signingKey(originOf(other.store.ledgerId), newPrivateKey());
      await other.write('thing-a', 3);
      await other.seal({ by: thief });
      const archive = await other.archive();
      const found = (await verify(archive, { key: other.keys[0]!.text })).problem;
      expect(found).toMatchObject({ kind: 'forged', stream: 'checkpoint', revision: 0 });
    });

    it('finds what else was changed about one, by the next', async () => {
      const line = checkpointLine(1);
      expect((await verify(changed(line, '"kind":"person"', '"kind":"policy"'))).problem).toMatchObject({
        kind: 'changed',
        line,
        stream: 'checkpoint',
        revision: 1,
      });
    });

    it('finds one removed by its gap', async () => {
      expect((await verify(without(checkpointLine(1)))).problem).toMatchObject({
        kind: 'removed',
        stream: 'checkpoint',
        revision: 1,
      });
    });

    it('vouches for nothing without any', async () => {
      const bare = await createSealedLedger();
      await bare.write('thing-a', 3);
      expect(await verify(await bare.archive(), { key: bare.keys[0]!.text })).toMatchObject({
        sealed: null,
        problem: { kind: 'unsealed' },
      });
    });
  });

  describe('that is cut', () => {
    it('finds the end line missing', async () => {
      expect((await verify(lines.slice(0, -1))).problem).toMatchObject({ kind: 'cut', line: lines.length - 1 });
      expect((await verify(lines.slice(0, 8))).problem).toMatchObject({ kind: 'cut', line: 8 });
    });

    it('finds a line that ends in its middle', async () => {
      const cut = [...lines.slice(0, 8), lines[8]!.slice(0, 100)];
      expect((await verify(cut, { lastNewline: false })).problem).toMatchObject({ kind: 'cut', line: 9 });
    });

    it('finds fewer events than its end line counts', async () => {
      await ledger.write('thing-f', 2);
      const longer = await ledger.archive();
      expect((await verify(longer.toSpliced(-2, 1))).problem).toMatchObject({ kind: 'cut', line: longer.length - 1 });
    });

    it('at a checkpoint and closed again looks whole, but for a checkpoint that was kept elsewhere', async () => {
      const end = lineOf('checkpoint', 0);
      const prefix = [...lines.slice(0, end), `{"end":{"events":${end - 1}}}`];
      expect(await verify(prefix)).toMatchObject({ problem: null, sealed: { treeSize: 11 } });
      expect((await verify(prefix, { checkpoint: ledger.checkpoints[2]! })).problem).toMatchObject({
        kind: 'cut',
        message: 'the checkpoint given seals 19 events, and the archive has 11',
      });
    });

    it('lets nothing stand behind its end', async () => {
      expect((await verify([...lines, lines[2]!])).problem).toMatchObject({ kind: 'broken', line: lines.length + 1 });
    });
  });

  describe('with what does not belong to it', () => {
    it('finds the key of another ledger, or the checkpoint of one', async () => {
      const other = await createSealedLedger('other');
      await other.write('thing-a');
      await other.seal();
      expect((await verify(lines, { key: other.keys[0]!.text })).problem).toMatchObject({
        kind: 'other-ledger',
        message: expect.stringContaining('and the key of other'),
      });
      expect((await verify(lines, { checkpoint: other.checkpoints[0]! })).problem).toMatchObject({
        kind: 'other-ledger',
        message: expect.stringContaining('and the checkpoint of other'),
      });
    });

    it('finds the events of another ledger under its name', async () => {
      const other = await createSealedLedger('other');
      await other.write('thing-a');
      await other.seal();
      const renamed = (await other.archive()).with(0, lines[0]!);
      expect((await verify(renamed)).problem).toMatchObject({ kind: 'other-ledger', line: 2 });
    });

    it('finds a key that never signed it', async () => {
      const key = signingKey(originOf(ledger.store.ledgerId), newPrivateKey());
      expect(await verify(lines, { key: key.text })).toMatchObject({ sealed: null, problem: { kind: 'wrong-key' } });
    });

    it('finds a history that was written anew and signed with the stolen key, by a checkpoint kept elsewhere', async () => {
      const forged = await createSealedLedger(ledger.store.ledgerId, ledger.keys[0]!);
      await forged.write('thing-a', 30);
      await forged.seal();
      const archive = await forged.archive();
      expect(await verify(archive)).toMatchObject({ problem: null });
      for (const checkpoint of ledger.checkpoints) {
        expect((await verify(archive, { checkpoint })).problem).toMatchObject({ kind: 'other-history', line: null });
      }
    });

    it('is no archive at all', async () => {
      await expect(verify([''])).rejects.toMatchObject({ code: 'INVALID_INPUT' });
      await expect(verify(['{"a":1}'])).rejects.toThrow('not an archive');
      await expect(verify([lines[0]!.replace('"version":1', '"version":2')])).rejects.toThrow('version 2, not 1');
      await expect(verify(['null'])).rejects.toThrow('not an archive');
      await expect(verifyArchive((async function* () {})(), { key: ledger.keys[0]! })).rejects.toThrow('no line');
    });
  });
});
