import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { makeProof, openLogTree } from '@waybill/evidence';
import { type SealedLedger, createMemoryTiles, createSealedLedger } from '@waybill/evidence/testing';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type IncomingMessage, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCli } from '../testing/run-cli.js';

let folder: string;
let ledger: SealedLedger;
let archive: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'waybill-cli-evidence-'));
  ledger = await createSealedLedger();
  await ledger.write('thing-a', 3);
  await ledger.seal();
  await ledger.write('thing-b', 2);
  await ledger.seal();
  await ledger.write('thing-c');
  archive = `${(await ledger.archive()).join('\n')}\n`;
  file('ledger.archive', archive);
  file('ledger.pub', `${ledger.keys[0]!.text}\n`);
  file('kept.note', ledger.checkpoints[0]!);
});
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, content: string): string {
  writeFileSync(join(folder, name), content);
  return name;
}

const cli = (...args: readonly string[]) => runCli(args, { cwd: folder });

describe('waybill verify', () => {
  it('says that an archive is sound, and what is not sealed', async () => {
    expect(await cli('verify', 'ledger.archive', '--key', 'ledger.pub', '--checkpoint', 'kept.note')).toEqual({
      code: 0,
      out:
        `sound: 10 events in 5 streams of ledger ${ledger.store.ledgerId}, 2 checkpoints\n` +
        `sealed: the first 7 events (checkpoints aside), up to position 8, by key ${ledger.keys[0]!.id}\n` +
        'not sealed: 1 event from line 13 on, behind the last checkpoint\n',
      err: '',
    });
  });

  it('takes the key itself, and the archive from standard input', async () => {
    const ran = await runCli(['verify', '-', '--key', ledger.keys[0]!.text], { stdin: archive });
    expect([ran.code, ran.out.split(':')[0]]).toEqual([0, 'sound']);
  });

  it('names the first event at fault and ends with 1', async () => {
    file('changed.archive', archive.replace('"kind":"person"', '"kind":"policy"'));
    const ran = await cli('verify', 'changed.archive', '--key', 'ledger.pub');
    expect([ran.code, ran.out]).toEqual([1, 'NOT SOUND: revision 0 of ledger (line 2) is not what was sealed\n']);
    const data = await cli('verify', 'changed.archive', '--key', 'ledger.pub', '-o', 'json');
    expect(data.code).toBe(1);
    expect(JSON.parse(data.out)).toMatchObject({
      problem: { kind: 'changed', line: 2, stream: 'ledger', revision: 0 },
    });
  });

  it.each<[string, string[], RegExp]>([
    ['no archive', ['verify', 'none', '--key', 'ledger.pub'], /cannot read none: there is no such file/],
    ['no key', ['verify', 'ledger.archive', '--key', 'none'], /--key is neither a key nor a file: none/],
    ['a bad key', ['verify', 'ledger.archive', '--key', 'kept.note'], /not a verifier key/],
    [
      'a bad checkpoint',
      ['verify', 'ledger.archive', '--key', 'ledger.pub', '--checkpoint', 'ledger.pub'],
      /signed note/,
    ],
    ['what is no archive', ['verify', 'ledger.pub', '--key', 'ledger.pub'], /not an archive/],
    ['what is no proof', ['verify', '--proof', 'ledger.pub', '--key', 'ledger.pub'], /not a proof/],
    ['neither archive nor proof', ['verify', '--key', 'ledger.pub'], /give an archive, or --proof/],
    ['no --key', ['verify', 'ledger.archive'], /--key/],
  ])('ends with 2 for %s', async (_what, args, words) => {
    const ran = await cli(...args);
    expect([ran.code, ran.out]).toEqual([2, '']);
    expect(ran.err).toMatch(words);
  });

  it('checks the proof of an event', async () => {
    const tree = await openLogTree(ledger.store, createMemoryTiles());
    await tree.read(await ledger.store.readAll(undefined, 100));
    const proof = await makeProof({
      ledgerId: ledger.store.ledgerId,
      tree,
      event: (await ledger.store.readStream('thing-a'))[1]!,
      checkpoint: ledger.checkpoints[1]!,
      rotations: [],
      older: ledger.checkpoints[0]!,
    });
    file('event.proof', JSON.stringify(proof));
    const ran = await cli('verify', '--proof', 'event.proof', '--key', 'ledger.pub', '--checkpoint', 'kept.note');
    expect(ran.out).toBe(
      `proved: revision 1 of thing-a is event 4 of the 7 that a checkpoint of ledger ${ledger.store.ledgerId} seals, by key ${ledger.keys[0]!.id}\n` +
        'that checkpoint continues the one of 5 events\n',
    );
    file('other.proof', JSON.stringify({ ...proof, index: 2 }));
    expect(await cli('verify', '--proof', 'other.proof', '--key', 'ledger.pub')).toMatchObject({
      code: 1,
      out: 'NOT PROVED: the event does not stand in the tree that the checkpoint seals\n',
    });
  });
});

describe('what is asked of the ledger', () => {
  const asked: { readonly line: string; readonly body: string; readonly token: string | undefined }[] = [];

  async function against(
    answer: (request: IncomingMessage, response: ServerResponse) => void,
    ...args: readonly string[]
  ) {
    const server = createServer((request, response) => {
      let body = '';
      request.setEncoding('utf8').on('data', (text: string) => (body += text));
      request.on('end', () => {
        asked.push({ line: `${request.method} ${request.url}`, body, token: request.headers.authorization });
        answer(request, response);
      });
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    try {
      return await runCli(args, { cwd: folder, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
    } finally {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    }
  }
  const saying = (text: string) => (_request: IncomingMessage, response: ServerResponse) => void response.end(text);

  it('is an archive, to a file or to standard output', async () => {
    const ran = await against(saying(archive), 'export', 'copy.archive');
    expect(ran).toEqual({ code: 0, out: '', err: '10 events, 0.0 MB, in copy.archive\n' });
    expect(readFileSync(join(folder, 'copy.archive'), 'utf8')).toBe(archive);
    expect(asked.at(-1)).toMatchObject({ line: 'GET /export', token: 'Bearer wb_test' });
    expect((await against(saying(archive), 'export')).out).toBe(archive);
  });

  it('is never half an archive', async () => {
    const cut = await against(saying(archive.slice(0, -40)), 'export', 'half.archive');
    expect([cut.code, cut.err]).toEqual([1, expect.stringContaining('the export broke off: it has no end line')]);
    const broken = await against(
      (_request, response) => {
        response.write(archive.slice(0, 200));
        setImmediate(() => response.destroy());
      },
      'export',
      'half.archive',
    );
    expect([broken.code, broken.err]).toEqual([1, expect.stringContaining('the export broke off')]);
    expect(existsSync(join(folder, 'half.archive'))).toBe(false);
    expect(existsSync(join(folder, 'half.archive.partial'))).toBe(false);
  });

  it('tells what the ledger said when it refused', async () => {
    const refusal = {
      errors: [{ message: 'waybill export needs the role analyst', extensions: { code: 'FORBIDDEN' } }],
    };
    const ran = await against(
      (_request, response) => void response.writeHead(403).end(JSON.stringify(refusal)),
      'export',
      'x',
    );
    expect([ran.code, ran.err]).toEqual([4, 'waybill: waybill export needs the role analyst\n']);
  });

  it('is a proof, a key and a checkpoint', async () => {
    const ran = await against(saying('{"proof":"waybill"}'), 'prove', 'ABC', '--checkpoint', 'kept.note');
    expect([ran.code, JSON.parse(ran.out)]).toEqual([0, { proof: 'waybill' }]);
    expect(asked.at(-1)!.line).toBe('POST /prove');
    expect(JSON.parse(asked.at(-1)!.body)).toEqual({ event: 'abc', checkpoint: ledger.checkpoints[0] });
    expect((await against(saying('a key\n'), 'key')).out).toBe('a key\n');
    expect((await against(saying('a note\n'), 'checkpoint')).out).toBe('a note\n');
    expect(asked.at(-1)!.line).toBe('GET /checkpoint');
  });
});
