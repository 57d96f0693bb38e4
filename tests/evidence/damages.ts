import { newPrivateKey, originOf, signingKey } from '@waybill/evidence';
import { type SealedLedger, createSealedLedger } from '@waybill/evidence/testing';

/** An archive with the key and the checkpoint that it is verified with. */
export interface Case {
  readonly name: string;
  readonly archive: Buffer;
  readonly key: string;
  readonly checkpoint?: string;
  /** Kind of problem and its line; null when the archive is sound. Undefined: whatever both say. */
  readonly expected?: readonly [kind: string, line: number | null] | null;
}

export const bytesOf = (lines: readonly string[]): Buffer => Buffer.from(`${lines.join('\n')}\n`);

/** A ledger with streams that end early and late, checkpoints that lag behind, and a change of keys. */
export async function sampleLedger(): Promise<SealedLedger> {
  const ledger = await createSealedLedger();
  for (let i = 0; i < 3; i++) for (const name of ['a', 'b', 'c']) await ledger.write(`thing-${name}`);
  await ledger.seal();
  for (let i = 0; i < 3; i++) for (const name of ['a', 'ü"d"', 'e']) await ledger.write(`thing-${name}`);
  await ledger.seal({ leaving: 2 });
  await ledger.rotate();
  for (let i = 0; i < 2; i++) for (const name of ['b', 'f']) await ledger.write(`thing-${name}`);
  await ledger.seal();
  await ledger.write('thing-a', 2);
  return ledger;
}

/** What is no archive at all, for both. */
export function noArchives(lines: readonly string[], key: string): readonly Case[] {
  const headed = (name: string, header: string): Case => ({ name, archive: bytesOf(lines.with(0, header)), key });
  return [
    { name: 'nothing', archive: Buffer.alloc(0), key },
    headed('a header of a later version', lines[0]!.replace('"version":1', '"version":2')),
    headed('a header longer than a line may be', lines[0]! + ' '.repeat(2_000_000)),
    headed('a header nested more deeply than some readers go', '['.repeat(20_000) + ']'.repeat(20_000)),
  ];
}

/** Every kind of damage that the verifiers tell apart. */
export async function damagedArchives(ledger: SealedLedger): Promise<readonly Case[]> {
  const lines = await ledger.archive();
  const [first, second] = ledger.keys.map(({ text }) => text) as [string, string];
  const lineOf = (stream: string, revision: number): number =>
    lines.findIndex((line) => line.includes(`"revision":${revision},"stream":${JSON.stringify(stream)}`)) + 1;
  const replaced = (line: number, from: string | RegExp, to: string): string[] =>
    lines.with(line - 1, lines[line - 1]!.replace(from, to));
  const changed = (stream: string, revision: number): string[] =>
    replaced(lineOf(stream, revision), '"kind":"person"', '"kind":"policy"');
  const without = (line: number): string[] => lines.toSpliced(line - 1, 1);
  const bare = (some: readonly string[]): string[] => some.filter((line) => !line.startsWith('{"sealed":'));
  const swapped = (a: number, b: number): string[] => lines.with(a - 1, lines[b - 1]!).with(b - 1, lines[a - 1]!);
  const of = (
    name: string,
    some: readonly string[],
    expected: NonNullable<Case['expected']> | null,
    given: Partial<Case> = {},
  ): Case => ({ name, archive: bytesOf(some), key: first, expected, ...given });

  const end = lines.length;
  const b1 = lineOf('thing-b', 1);
  const c2 = lineOf('thing-c', 2);
  const checkpoint = (revision: number): number => lineOf('checkpoint', revision);
  const other = await otherLedgers(ledger);
  const prefix = [...lines.slice(0, checkpoint(0)), `{"end":{"events":${checkpoint(0) - 1}}}`];

  return [
    of('sound', lines, null),
    of('sound, by the second key', lines, null, { key: second }),
    ...ledger.checkpoints.map((kept, i) => of(`sound, with checkpoint ${i}`, lines, null, { checkpoint: kept })),
    of('sound, without sealed lines', bare(lines), null),
    of('a byte changed', changed('thing-b', 1), ['changed', b1]),
    of('a byte changed at the end of a stream', changed('thing-c', 2), ['changed', c2]),
    of('a byte changed in a stream with a name that is escaped', changed('thing-ü"d"', 1), [
      'changed',
      lineOf('thing-ü"d"', 1),
    ]),
    of('a byte changed that breaks the JSON', replaced(b1, '"kind":"person"', '"kind":person"'), ['changed', b1]),
    of('a byte changed that breaks the end of the line', replaced(b1, '"version":1', '"version":x'), ['broken', b1]),
    of('a byte changed behind the last checkpoint', changed('thing-a', 6), ['changed', lineOf('thing-a', 6)]),
    of('the last byte of all changed, which nothing seals', changed('thing-a', 7), null),
    of('the beginning of the log changed', changed('ledger', 0), ['changed', 2]),
    of('the first key exchanged', replaced(lineOf('ledger', 1), first, second), ['changed', lineOf('ledger', 1)]),
    of('a line removed', without(b1), ['removed', b1]),
    of('the last line of a stream removed', without(c2), ['removed', c2]),
    of('a line inserted', lines.toSpliced(b1 - 1, 0, lines[b1 - 1]!.replace('thing-b', 'thing-x')), ['inserted', b1]),
    of('a line twice', lines.toSpliced(b1 + 2, 0, lines[b1 - 1]!), ['inserted', b1 + 3]),
    of('an empty line', lines.toSpliced(b1 - 1, 0, ''), ['broken', b1]),
    of('two lines of two streams exchanged', swapped(b1, b1 + 1), ['reordered', b1]),
    of('two lines of one stream exchanged', swapped(b1, lineOf('thing-b', 2)), ['reordered', b1]),
    of(
      'a line moved behind its checkpoint',
      [...without(b1).slice(0, checkpoint(0)), lines[b1 - 1]!, ...without(b1).slice(checkpoint(0))],
      ['removed', b1],
    ),
    of('changed, without sealed lines', bare(changed('thing-b', 1)), ['changed', b1]),
    of('changed at the end of a stream, without sealed lines', bare(changed('thing-c', 2)), ['altered', 2]),
    of('a checkpoint removed', without(checkpoint(1)), ['removed', checkpoint(2) - 1]),
    of('a checkpoint changed around its note', changed('checkpoint', 1), ['changed', checkpoint(1)]),
    of('a checkpoint with another signature', replaced(checkpoint(1), /(— \S+ \S{20})./, '$1A'), [
      'forged',
      checkpoint(1),
    ]),
    of('a checkpoint with another size', replaced(checkpoint(1), /"treeSize":\d/, '"treeSize":9'), [
      'forged',
      checkpoint(1),
    ]),
    of('a change of keys that was not signed', replaced(lineOf('ledger', 2), /(— \S+ \S{20})./, '$1A'), [
      'forged',
      lineOf('ledger', 2),
    ]),
    of('cut between lines', lines.slice(0, 9), ['cut', 9]),
    of('cut at a checkpoint', lines.slice(0, checkpoint(0)), ['cut', checkpoint(0)]),
    {
      ...of('cut in a line', [], null),
      archive: Buffer.from(`${lines.slice(0, 9).join('\n')}\n${lines[9]!.slice(0, 99)}`),
      expected: ['cut', 10],
    },
    of('cut at a checkpoint and closed', prefix, null),
    of('cut and closed, with a later checkpoint', prefix, ['cut', null], { checkpoint: ledger.checkpoints[1]! }),
    of('fewer events than the end line counts', lines.toSpliced(end - 2, 1), ['cut', end - 1]),
    of('something behind the end', [...lines, lines[3]!], ['broken', end + 1]),
    of('hashes behind the end', [...lines, lines.find((line) => line.startsWith('{"sealed":'))!], ['broken', end + 1]),
    {
      ...of('a rest behind the end', [], ['broken', end + 1]),
      archive: Buffer.concat([bytesOf(lines), Buffer.from('x')]),
    },
    of('a checkpoint whose note stands in a list', replaced(checkpoint(2), /"note":("[^"]*")/, '"note":[$1]'), [
      'forged',
      checkpoint(2),
    ]),
    of('a checkpoint with a word that is not JSON', replaced(checkpoint(2), '"data":', '"d":NaN,"data":'), [
      'forged',
      checkpoint(2),
    ]),
    of(
      'a checkpoint with a number of 5000 digits, which nothing seals',
      replaced(checkpoint(2), '"data":', `"d":${'9'.repeat(5000)},"data":`),
      null,
    ),
    ...['\u0085', '\ufeff', '\u00a0'].map((space) =>
      of(
        `a signature by a name with U+${space.codePointAt(0)!.toString(16)}`,
        replaced(checkpoint(2), '\\n","position"', `\\n— a${space}b AAAAAAAA\\n","position"`),
        ['forged', checkpoint(2)],
      ),
    ),
    of('an end line that is none', lines.with(end - 1, '{"end":{"events":-1}}'), ['broken', end]),
    of('a wrong key', lines, ['wrong-key', null], { key: other.stranger }),
    of('the key of another ledger', lines, ['other-ledger', 1], { key: other.key }),
    of('the checkpoint of another ledger', lines, ['other-ledger', 1], { checkpoint: other.checkpoint }),
    of('a checkpoint of a stranger', lines, ['wrong-key', null], { checkpoint: other.strangers }),
    of('the events of another ledger', [lines[0]!, ...other.lines.slice(1)], ['other-ledger', 2]),
    of('a history signed anew with the first key', other.forked, null),
    of('the same, with a checkpoint that was kept', other.forked, ['other-history', null], {
      checkpoint: ledger.checkpoints[0]!,
    }),
    of('no checkpoint at all', other.bare, ['unsealed', null], { key: other.bareKey }),
    of('checkpoints of an older key only', prefix, ['wrong-key', null], { key: second }),
  ];
}

async function otherLedgers(ledger: SealedLedger) {
  const stranger = signingKey(originOf(ledger.store.ledgerId), newPrivateKey());
  const another = await createSealedLedger('another');
  await another.write('thing-a', 4);
  await another.seal();
  const forked = await createSealedLedger(ledger.store.ledgerId, ledger.keys[0]!);
  await forked.write('thing-a', 30);
  await forked.seal();
  const bare = await createSealedLedger();
  await bare.write('thing-a', 3);
  const strangers = await createSealedLedger(ledger.store.ledgerId, stranger);
  await strangers.seal();
  return {
    stranger: stranger.text,
    strangers: strangers.checkpoints[0]!,
    key: another.keys[0]!.text,
    checkpoint: another.checkpoints[0]!,
    lines: await another.archive(),
    forked: await forked.archive(),
    bare: await bare.archive(),
    bareKey: bare.keys[0]!.text,
  };
}

/**
 * Archives with a few bytes or lines changed at random: what the verifiers say of them must be the same. Lines are
 * taken as bytes, one character each, so that any byte may be hit.
 */
export function randomDamages(lines: readonly string[], key: string, count: number, seed: number): readonly Case[] {
  let state = seed;
  const below = (n: number): number => {
    // A linear congruential generator (Numerical Recipes) does: the cases must be the same in every run.
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * n);
  };
  const damage = (some: readonly string[]): string[] => {
    if (some.length === 0) return [];
    const at = below(some.length);
    const line = some[at]!;
    const place = below(line.length + 1);
    switch (below(8)) {
      case 0:
        return some.toSpliced(at, 1);
      case 1:
        return some.toSpliced(below(some.length), 0, line);
      case 2:
        return some.toSpliced(at, 1).toSpliced(below(some.length), 0, line);
      case 3:
        return some.with(at, line.slice(0, place));
      case 4:
        return some.with(at, line.slice(0, place) + '\n' + line.slice(place));
      case 5:
        return some.slice(0, at + 1);
      default:
        return some.with(at, line.slice(0, place) + String.fromCharCode(below(256)) + line.slice(place + 1));
    }
  };
  return Array.from({ length: count }, (_, i) => {
    let damaged = lines.map((line) => Buffer.from(line).toString('latin1'));
    for (let times = below(3); times >= 0; times--) damaged = damage(damaged);
    return { name: `random ${i}`, archive: Buffer.from(`${damaged.join('\n')}\n`, 'latin1'), key };
  });
}
