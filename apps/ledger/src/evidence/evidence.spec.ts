import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  type Proof,
  type Verdict,
  parseGivenCheckpoint,
  parseProof,
  parseVerifierKey,
  verifyArchive,
  verifyProof,
} from '@waybill/evidence';
import { CHECKPOINT_STREAM, type Role } from '@waybill/domain';
import type { RecordedEvent } from '@waybill/kernel';
import Database from 'better-sqlite3';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { git } from '../testing/example-project.js';
import { type RunningLedger, startRunningLedger } from '../testing/running-ledger.js';
import { rotateKey } from './keys.js';

const ROLES = ['api', 'projector', 'checkpointer'] as const;

let folder: string;
const running: RunningLedger[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'waybill-evidence-'));
  mkdirSync(join(folder, 'data'));
});
const servers: Server[] = [];
afterEach(async () => {
  for (const ledger of running.splice(0)) await ledger.process.stop();
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  }
  rmSync(folder, { recursive: true });
});

async function start(environment: Record<string, string> = {}): Promise<RunningLedger> {
  const ledger = await startRunningLedger(ROLES, undefined, { WAYBILL_DATA: join(folder, 'data'), ...environment });
  running.push(ledger);
  return ledger;
}

async function stop(ledger: RunningLedger): Promise<void> {
  running.splice(running.indexOf(ledger), 1);
  await ledger.process.stop();
}

async function register(ledger: RunningLedger, ...keys: readonly string[]): Promise<void> {
  for (const key of keys) {
    const { errors } = await ledger.ask(
      'mutation ($input: RegisterProjectInput!) { registerProject(input: $input) { position } }',
      { variables: { input: { key, name: key } } },
    );
    expect(errors).toEqual([]);
  }
}

const get = (ledger: RunningLedger, path: string, token: string | null = ledger.adminToken): Promise<Response> =>
  fetch(`${ledger.url}${path}`, { headers: token === null ? {} : { authorization: `Bearer ${token}` } });

const textAt = async (ledger: RunningLedger, path: string): Promise<string> => (await get(ledger, path, null)).text();

async function verified(ledger: RunningLedger, archive: string, checkpoint?: string): Promise<Verdict> {
  async function* chunks() {
    yield Buffer.from(archive);
  }
  return verifyArchive(chunks(), {
    key: parseVerifierKey(await textAt(ledger, '/key')),
    checkpoint: checkpoint === undefined ? undefined : parseGivenCheckpoint(checkpoint),
  });
}

/** The next checkpoint that is signed, or one that was signed over `treeSize` events or more. */
async function checkpointOf(ledger: RunningLedger, treeSize: number): Promise<RecordedEvent> {
  const { store } = ledger.process.parts;
  for await (const batch of store.subscribe()) {
    const found = batch.find(
      (event) => event.stream === CHECKPOINT_STREAM && Number(event.data['treeSize']) >= treeSize,
    );
    if (found) return found;
  }
  throw new Error('the ledger stopped');
}

async function tokenFor(ledger: RunningLedger, role: Role): Promise<string> {
  const { data, errors } = await ledger.ask(
    'mutation ($input: CreateTokenInput!) { createToken(input: $input) { token } }',
    { variables: { input: { name: `a ${role}`, roles: [role.toUpperCase()] } } },
  );
  expect(errors).toEqual([]);
  return (data!['createToken'] as { token: string }).token;
}

describe('the first start', () => {
  it('makes a key, and begins the log with its id and that key', async () => {
    const ledger = await start();
    const { store } = ledger.process.parts;
    const [created, introduced] = await store.readAll(undefined, 2);
    expect([created!.type, created!.data]).toEqual(['LedgerCreated', { ledger: store.ledgerId }]);
    expect(introduced!.type).toBe('KeyIntroduced');

    const key = (await textAt(ledger, '/key')).trim();
    expect(introduced!.data['publicKey']).toBe(key);

    const keys = join(ledger.folder, 'keys');
    const { id } = parseVerifierKey(key);
    expect(readdirSync(keys).sort()).toEqual([`${id}.pem`, `${id}.pub`]);
    expect(readFileSync(join(keys, `${id}.pub`), 'utf8')).toBe(`${key}\n`);
    expect(statSync(join(keys, `${id}.pem`)).mode & 0o777).toBe(0o600);
    expect(statSync(keys).mode & 0o777).toBe(0o700);
  });

  it('is made once', async () => {
    const first = await start();
    const key = await textAt(first, '/key');
    await stop(first);
    const second = await start();
    expect(await textAt(second, '/key')).toBe(key);
    expect(readdirSync(join(second.folder, 'keys'))).toHaveLength(2);
  });
});

describe('checkpoints', () => {
  it('are signed every so many events', async () => {
    const ledger = await start({ WAYBILL_CHECKPOINT_EVENTS: '5', WAYBILL_CHECKPOINT_MINUTES: '1000' });
    await register(ledger, 'a', 'b', 'c', 'd', 'e', 'f');
    const { data } = await checkpointOf(ledger, 8);
    const note = parseGivenCheckpoint(String(data['note']));
    expect(note).toMatchObject({ ledgerId: ledger.process.parts.store.ledgerId, treeSize: data['treeSize'] });
    expect(note.note.signatures[0]!.keyId).toBe(parseVerifierKey(await textAt(ledger, '/key')).id);
  });

  it('are signed after so many minutes, and not at all when nothing happened', async () => {
    const ledger = await start({ WAYBILL_CHECKPOINT_MINUTES: '0.001' });
    await register(ledger, 'a');
    const { store } = ledger.process.parts;
    const leaves = (await store.readAll(undefined, 100)).filter((event) => event.stream !== CHECKPOINT_STREAM);
    await checkpointOf(ledger, leaves.length);
    const before = (await store.readStream(CHECKPOINT_STREAM)).length;
    await ledger.process.parts.sealer.seal();
    await get(ledger, '/export');
    expect(await store.readStream(CHECKPOINT_STREAM)).toHaveLength(before);
    expect(await (await get(ledger, '/metrics')).text()).toMatch(/^waybill_checkpoint_unsealed 0$/m);
  });

  it('are told to whoever watches, also those of an export and of a run before', async () => {
    const ledger = await start({ WAYBILL_CHECKPOINT_EVENTS: '1000', WAYBILL_CHECKPOINT_MINUTES: '1000' });
    await register(ledger, 'a', 'b');
    await get(ledger, '/export');
    const { treeSize } = (await ledger.process.parts.sealer.newest())!;
    const told = async (of: RunningLedger): Promise<void> => {
      const line = new RegExp(`^waybill_checkpoint_tree_size ${treeSize}$`, 'm');
      for (let tries = 0; tries < 100; tries++) {
        if (line.test(await (await get(of, '/metrics')).text())) return;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      expect(await (await get(of, '/metrics')).text()).toMatch(line);
    };
    await told(ledger);
    await stop(ledger);
    await told(await start());
  });

  it('go on after a restart', async () => {
    const first = await start();
    await register(first, 'a');
    const sealed = await first.process.parts.sealer.seal();
    await stop(first);
    const second = await start();
    await register(second, 'b');
    const archive = await (await get(second, '/export')).text();
    expect(await verified(second, archive, sealed!.note)).toMatchObject({ problem: null, checkpoints: 2 });
  });

  it('are no more signed over a log that was changed, which can still be exported', async () => {
    const first = await start();
    await register(first, 'a', 'b');
    await first.process.parts.sealer.seal();
    await stop(first);
    const db = new Database(join(first.folder, 'events.sqlite'));
    const row = db.prepare("SELECT position, text FROM events WHERE text ->> '$.stream' = 'project-a'").get() as {
      position: number;
      text: string;
    };
    const text = row.text.replace('"name":"a"', '"name":"A"');
    const { sha256 } = await import('@waybill/kernel');
    db.prepare('UPDATE events SET text = ?, hash = ? WHERE position = ?').run(text, sha256(text), row.position);
    db.close();

    const second = await start();
    await register(second, 'c');
    await expect(second.process.parts.sealer.seal()).rejects.toThrow('does not lead to its checkpoint');
    const archive = await (await get(second, '/export')).text();
    expect((await verified(second, archive)).problem).toMatchObject({
      kind: 'altered',
      stream: null,
    });
    expect(second.lines.join('\n')).toContain('an export was not sealed');
  });

  it('are signed by another key after a rotation, which the first one vouches for', async () => {
    const first = await start();
    await register(first, 'a');
    await first.process.parts.sealer.seal();
    const key = await textAt(first, '/key');
    const { to } = await rotateKey(first.process.parts);
    await register(first, 'b');
    const archive = await (await get(first, '/export')).text();
    expect((await textAt(first, '/key')).trim()).toBe(to.text);
    async function* chunks() {
      yield Buffer.from(archive);
    }
    expect(await verifyArchive(chunks(), { key: parseVerifierKey(key) })).toMatchObject({
      problem: null,
      sealed: { keyId: to.id },
    });
  });
});

describe('an export', () => {
  it('is sealed, sound, and made of exactly what was hashed', async () => {
    const ledger = await start();
    await register(ledger, 'a', 'b', 'c');
    const answer = await get(ledger, '/export');
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'application/x-ndjson; charset=utf-8']);
    const archive = await answer.text();
    expect(await verified(ledger, archive, await textAt(ledger, '/checkpoint'))).toMatchObject({
      problem: null,
      unsealed: null,
      ledgerId: ledger.process.parts.store.ledgerId,
    });
  });

  it('is for admins and analysts', async () => {
    const ledger = await start();
    expect((await get(ledger, '/export', null)).status).toBe(401);
    const refused = await get(ledger, '/export', await tokenFor(ledger, 'developer'));
    expect(refused.status).toBe(403);
    expect(await refused.json()).toMatchObject({ errors: [{ extensions: { code: 'FORBIDDEN' } }] });
    expect((await get(ledger, '/export', await tokenFor(ledger, 'analyst'))).status).toBe(200);
  });
});

describe('a proof', () => {
  const prove = (ledger: RunningLedger, body: unknown, token: string | null = ledger.adminToken): Promise<Response> =>
    fetch(`${ledger.url}/prove`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(token === null ? {} : { authorization: `Bearer ${token}` }) },
      body: JSON.stringify(body),
    });

  it('holds for any event, and continues an older checkpoint', async () => {
    const ledger = await start();
    await register(ledger, 'a');
    await ledger.process.parts.sealer.seal();
    const older = await textAt(ledger, '/checkpoint');
    await register(ledger, 'b');
    const key = parseVerifierKey(await textAt(ledger, '/key'));
    const [event] = await ledger.process.parts.store.readStream('project-b');
    const answer = await prove(ledger, { event: event!.id, checkpoint: older });
    const proof = parseProof(await answer.text()) satisfies Proof;
    expect(verifyProof(proof, key, parseGivenCheckpoint(older))).toMatchObject({
      problem: null,
      stream: 'project-b',
      revision: 0,
    });
  });

  it('is refused for what is not there, and for who may not read it', async () => {
    const ledger = await start();
    await register(ledger, 'a');
    const [event] = await ledger.process.parts.store.readStream('project-a');
    const status = async (body: unknown, token?: string | null): Promise<number> =>
      (await prove(ledger, body, token)).status;
    expect(await status({ event: '019234ab-0000-7e8f-9a0b-1c2d3e4f5a6b' })).toBe(404);
    expect(await status({ event: 'one' })).toBe(400);
    expect(await status({ event: event!.id, checkpoint: 'none' })).toBe(400);
    expect(await status({ event: event!.id }, null)).toBe(401);
    expect(await status({ event: event!.id }, await tokenFor(ledger, 'adapter'))).toBe(403);
    expect(await status({ event: event!.id }, await tokenFor(ledger, 'business'))).toBe(200);
  });
});

describe('a witness', () => {
  it('keeps each checkpoint in a Git repository', async () => {
    const repository = join(folder, 'witness.git');
    const ledger = await start({ WAYBILL_WITNESS: `git+file://${repository}` });
    await register(ledger, 'a');
    const sealed = await ledger.process.parts.sealer.seal();
    await kept(ledger, sealed!.treeSize);
    const path = `${ledger.process.parts.store.ledgerId}/${sealed!.treeSize}.note`;
    expect(`${git(repository, 'show', `main:${path}`)}\n`).toBe(sealed!.note);
    expect(git(repository, 'show', `main:${ledger.process.parts.store.ledgerId}/newest.note`)).toContain('position');
  });

  it('finds a restored backup, whatever size its checkpoints have', async () => {
    const repository = join(folder, 'witness.git');
    const witnessed = { WAYBILL_WITNESS: `git+file://${repository}` };
    await stop(await start(witnessed));
    cpSync(join(folder, 'data'), join(folder, 'backup'), { recursive: true });
    const ledger = await start(witnessed);
    await register(ledger, 'a', 'b');
    const lost = await ledger.process.parts.sealer.seal();
    await kept(ledger, lost!.treeSize);
    await stop(ledger);

    rmSync(join(folder, 'data'), { recursive: true });
    cpSync(join(folder, 'backup'), join(folder, 'data'), { recursive: true });
    const restored = await start(witnessed);
    await register(restored, 'c');
    const shorter = await restored.process.parts.sealer.seal();
    expect(shorter!.treeSize).toBeLessThan(lost!.treeSize);
    await said(restored, `checkpoint of ${lost!.treeSize} events of .*, but the log is shorter now`);
    await register(restored, 'd', 'e');
    expect((await restored.process.parts.sealer.seal())!.treeSize).toBeGreaterThan(lost!.treeSize);
    await stop(restored);

    const again = await start(witnessed);
    await said(again, `checkpoint of ${lost!.treeSize} events of .*, but the log has other events there`);
    expect(`${git(repository, 'show', `main:${again.process.parts.store.ledgerId}/newest.note`)}\n`).toBe(lost!.note);
  });

  it('is told again until it answers, and never holds the ledger up', async () => {
    const notes: string[] = [];
    const server = createServer((request, response) => {
      let body = '';
      request.setEncoding('utf8').on('data', (text: string) => (body += text));
      request.on('end', () => {
        notes.push(body);
        response.writeHead(notes.length === 1 ? 503 : 204).end();
      });
    });
    servers.push(server);
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const { port } = server.address() as AddressInfo;
    const ledger = await start({ WAYBILL_WITNESS: `http://127.0.0.1:${port}/keep` });
    const sealed = await ledger.process.parts.sealer.seal();
    await kept(ledger, sealed!.treeSize);
    expect(notes.length).toBeGreaterThanOrEqual(2);
    expect(notes.at(-1)).toBe(sealed!.note);
    expect(ledger.lines.join('\n')).toMatch(/the witness http:\/\/127.0.0.1:\d+\/keep did not keep a checkpoint/);
  });

  async function said(ledger: RunningLedger, words: string): Promise<void> {
    const pattern = new RegExp(words);
    while (!pattern.test(ledger.lines.join('\n'))) await textAt(ledger, '/metrics');
  }

  async function kept(ledger: RunningLedger, treeSize: number): Promise<void> {
    const pattern = new RegExp(`^waybill_witness_tree_size ${treeSize}$`, 'm');
    for (;;) if (pattern.test(await textAt(ledger, '/metrics'))) return;
  }
});
