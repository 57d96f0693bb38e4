import { existsSync } from 'node:fs';
import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { DesiredRecord } from '@waybill/channel';
import { absentRecord, presentRecord } from '@waybill/channel/testing';
import { STABLE_CAPABILITIES } from '../../plan/capabilities.js';
import { planObjects } from '../../plan/plan-objects.js';
import { RejectedError, type RejectionReason } from '../../plan/rejected.js';
import { type TestRepository, testRepository } from '../../testing/test-repository.js';
import type { Deliverer } from '../deliverer.js';
import { createGitDelivery } from './git-delivery.js';

const a = { project: 'a', slot: 'dev', location: 'here' };
const b = { project: 'b', slot: 'dev', location: 'here' };

let at: TestRepository;
const open: Deliverer[] = [];

beforeEach(async () => {
  at = await testRepository();
});
afterEach(async () => {
  for (const delivery of open.splice(0)) await delivery.close();
  await at.dispose();
});

function delivery(): Deliverer {
  const created = createGitDelivery({ repository: at.path, branch: 'main' });
  open.push(created);
  return created;
}

const planOf = (record: DesiredRecord) => planObjects(record.desired!, record.generation, STABLE_CAPABILITIES);
const apply = (target: Deliverer, record: DesiredRecord) => target.apply(record, planOf(record));

async function rejection(work: Promise<unknown>): Promise<RejectionReason | undefined> {
  try {
    await work;
  } catch (error) {
    if (error instanceof RejectedError) return error.reason;
    throw error;
  }
  return undefined;
}

describe('git delivery', () => {
  it('makes the repository, and one commit with the whole folder and its trailers', async () => {
    const record = presentRecord(a, 3, (state) => ({
      ...state,
      trace: { pipelineId: '77\nState: absent', jobId: '88', url: null, attributes: {} },
    }));
    const { commit, durationMs } = await apply(delivery(), record);
    expect(commit).toBe(await at.git('rev-parse', 'main'));
    expect(durationMs).toBeGreaterThan(0);
    expect(await at.files()).toEqual([
      'a/dev/deployment-a--dev.yaml',
      'a/dev/service-a--dev.yaml',
      'a/dev/waybill.json',
    ]);
    expect(await at.git('log', '-1', '--format=%an <%ae>%n%B', 'main')).toBe(
      [
        'Waybill <waybill@localhost>',
        'Deploy a.dev@here generation 3',
        '',
        `Release: ${record.release}`,
        'Deployment: a.dev@here.3',
        'Generation: 3',
        'Branch: dev',
        `Commit: ${'1'.repeat(40)}`,
        'Pipeline: 77 State: absent',
        'Job: 88',
      ].join('\n'),
    );
    expect(JSON.parse(await at.git('show', 'main:a/dev/waybill.json'))).toMatchObject({
      environment: a,
      generation: 3,
      release: record.release,
      digest: record.digest,
      inventoryHash: planOf(record).inventoryHash,
    });
  });

  it('leaves out trailers it has nothing for, and says Tag for a tag', async () => {
    const record = presentRecord(a, 1, (state) => ({
      ...state,
      ref: { kind: 'tag', name: 'v1' },
      trace: { pipelineId: null, jobId: null, url: null, attributes: {} },
    }));
    await apply(delivery(), record);
    const body = await at.git('log', '-1', '--format=%b', 'main');
    expect(body).toContain('Tag: v1');
    expect(body).not.toMatch(/Branch:|Pipeline:|Job:/);
  });

  it('tells what stands there, also after a restart', async () => {
    const first = delivery();
    expect(await first.inspect(a)).toBeNull();
    const record = presentRecord(a, 2);
    const { commit } = await apply(first, record);
    const applied = {
      generation: 2,
      state: 'present',
      digest: record.digest,
      inventoryHash: planOf(record).inventoryHash,
      commit,
    };
    expect(await first.inspect(a)).toEqual(applied);
    expect(await delivery().inspect(a)).toEqual(applied);
    expect(await first.inspect(b)).toBeNull();
  });

  it('replaces the folder: what is not planned any more is gone, other folders stay', async () => {
    const target = delivery();
    await apply(target, presentRecord(b, 1));
    const files = { 'application.yaml': 'a: 1\n' };
    await apply(
      target,
      presentRecord(a, 1, (state) => ({ ...state, config: { ...state.config, files } })),
    );
    const mapped = /^a\/dev\/configmap-a--dev--[0-9a-f]{10}\.yaml$/;
    expect(await at.files()).toContainEqual(expect.stringMatching(mapped));
    await apply(target, presentRecord(a, 2));
    expect(await at.files()).not.toContainEqual(expect.stringMatching(mapped));
    expect(await at.files()).toContain('b/dev/deployment-b--dev.yaml');
  });

  it('does nothing twice: the same generation and digest gives the commit that stands, also to a new process', async () => {
    const record = presentRecord(a, 1);
    const { commit } = await apply(delivery(), record);
    expect((await apply(delivery(), record)).commit).toBe(commit);
    await at.edit((clone) => writeFile(join(clone, 'a/dev/service-a--dev.yaml'), 'edited\n'));
    expect((await apply(delivery(), record)).commit).toBe(commit);
    expect(await at.subjects()).toHaveLength(2);
  });

  it('refuses a lower generation and another content of the same one, and writes nothing', async () => {
    const target = delivery();
    await apply(target, presentRecord(a, 5));
    expect(await rejection(apply(target, presentRecord(a, 4)))).toBe('LowerGeneration');
    expect(await rejection(target.remove(absentRecord(a, 4)))).toBe('LowerGeneration');
    expect(await rejection(target.remove(absentRecord(a, 5)))).toBe('DigestMismatch');
    const other = presentRecord(a, 5, (state) => ({ ...state, commit: 'f'.repeat(40) }));
    expect(await rejection(apply(delivery(), other))).toBe('DigestMismatch');
    expect(await at.subjects()).toHaveLength(1);
  });

  it('removes by a commit, remembers the generation, and is not fooled by an older record', async () => {
    const target = delivery();
    await apply(target, presentRecord(a, 1));
    await apply(target, presentRecord(b, 1));
    const { commit } = await target.remove(absentRecord(a, 2));
    expect(await at.git('log', '-1', '--format=%s', 'main')).toBe('Remove a.dev@here generation 2');
    expect(await at.files()).toEqual(expect.not.arrayContaining(['a/dev/waybill.json']));
    expect(await delivery().inspect(a)).toEqual({
      generation: 2,
      state: 'absent',
      digest: null,
      inventoryHash: null,
      commit,
    });
    expect(await rejection(apply(delivery(), presentRecord(a, 1)))).toBe('LowerGeneration');
    expect((await delivery().remove(absentRecord(a, 2))).commit).toBe(commit);
    await apply(target, presentRecord(a, 3));
    expect(await at.files()).toContain('a/dev/waybill.json');
  });

  it('removes what never was without a commit', async () => {
    const target = delivery();
    expect((await target.remove(absentRecord(a, 1))).commit).toBeNull();
    expect(await at.git('for-each-ref')).toBe('');
  });

  it('lands the commits of several operators at once, nothing lost', async () => {
    const environments = Array.from({ length: 6 }, (_, i) => ({ project: `p${i}`, slot: 'dev', location: 'here' }));
    const targets = [delivery(), delivery(), delivery()];
    const delivered = await Promise.all(
      environments.map((environment, i) => apply(targets[i % targets.length]!, presentRecord(environment, 1))),
    );
    expect(await at.subjects()).toHaveLength(6);
    expect(new Set(delivered.map(({ commit }) => commit)).size).toBe(6);
    for (const environment of environments) {
      expect(await at.files()).toContain(`${environment.project}/dev/waybill.json`);
    }
  });

  it('refuses a folder that another location keeps in the same branch', async () => {
    await apply(delivery(), presentRecord(a, 1));
    const elsewhere = { ...a, location: 'there' };
    expect(await rejection(apply(delivery(), presentRecord(elsewhere, 9)))).toBe('FolderInUse');
    expect((await delivery().remove(absentRecord(elsewhere, 9))).commit).toBeNull();
    expect(await delivery().inspect(a)).toMatchObject({ generation: 1 });
  });

  it('opens the repository again after it was away', async () => {
    const target = delivery();
    const away = `${at.path}.away`;
    await rename(at.path, away);
    await expect(apply(target, presentRecord(a, 1))).rejects.toMatchObject({ code: 'GIT_FAILED' });
    expect(existsSync(at.path)).toBe(false);
    await rename(away, at.path);
    expect((await apply(target, presentRecord(a, 1))).commit).toMatch(/^[0-9a-f]{40}$/);
  });
});

describe('drift in the repository', () => {
  it('is not there after a deployment, by us or beside us', async () => {
    const target = delivery();
    const records = [presentRecord(a, 1), presentRecord(b, 1)];
    for (const record of records) await apply(target, record);
    expect(await target.drift(records)).toEqual([]);
    await at.edit((clone) => writeFile(join(clone, 'README.md'), 'ours\n'));
    expect(await target.drift(records)).toEqual([]);
  });

  it('names the files and the commit of a hand edit, and is gone when it is undone', async () => {
    const target = delivery();
    const records = [presentRecord(a, 1), presentRecord(b, 1)];
    for (const record of records) await apply(target, record);
    const commit = await at.edit(async (clone) => {
      await writeFile(join(clone, 'a/dev/deployment-a--dev.yaml'), 'replicas: 100\n');
      await writeFile(join(clone, 'a/dev/extra.yaml'), 'kind: Extra\n');
      await rm(join(clone, 'a/dev/service-a--dev.yaml'));
    });
    const drift = {
      environment: a,
      generation: 1,
      paths: ['a/dev/deployment-a--dev.yaml', 'a/dev/extra.yaml', 'a/dev/service-a--dev.yaml'],
      commit,
    };
    expect(await target.drift(records)).toEqual([drift]);
    await at.edit((clone) => writeFile(join(clone, 'b/README.md'), 'beside\n'));
    expect(await delivery().drift(records)).toEqual([drift]);
    await at.revert(commit);
    expect(await target.drift(records)).toEqual([]);
  });

  it('is a folder removed by hand, and the next generation heals it', async () => {
    const target = delivery();
    await apply(target, presentRecord(a, 1));
    const commit = await at.edit((clone) => rm(join(clone, 'a'), { recursive: true }));
    const [drift] = await target.drift([presentRecord(a, 1)]);
    expect(drift).toMatchObject({ environment: a, commit });
    expect(drift?.paths).toContain('a/dev/waybill.json');
    expect(await target.inspect(a)).toMatchObject({ generation: 1, state: 'present' });
    await apply(target, presentRecord(a, 2));
    expect(await target.drift([presentRecord(a, 2)])).toEqual([]);
  });

  it('is an edited marker, which does not change what we know to stand there', async () => {
    const target = delivery();
    await apply(target, presentRecord(a, 3));
    await at.edit((clone) => writeFile(join(clone, 'a/dev/waybill.json'), '{"generation": 999}\n'));
    expect(await delivery().inspect(a)).toMatchObject({ generation: 3, digest: presentRecord(a, 3).digest });
    expect(await target.drift([presentRecord(a, 3)])).toMatchObject([{ paths: ['a/dev/waybill.json'] }]);
  });

  it('is a branch that was turned back or deleted', async () => {
    const target = delivery();
    const { commit } = await apply(target, presentRecord(a, 1));
    await apply(target, presentRecord(a, 2));
    await at.git('update-ref', 'refs/heads/main', commit!);
    expect(await target.drift([presentRecord(a, 2)])).toEqual([
      { environment: a, generation: 2, paths: ['a/dev/'], commit },
    ]);
    await at.git('update-ref', '-d', 'refs/heads/main');
    expect(await target.drift([presentRecord(a, 2)])).toEqual([
      { environment: a, generation: 2, paths: ['a/dev/'], commit: null },
    ]);
  });

  it('is not claimed where a newer generation has landed meanwhile', async () => {
    const target = delivery();
    await apply(target, presentRecord(a, 1));
    await apply(target, presentRecord(a, 2));
    expect(await target.drift([presentRecord(a, 1)])).toEqual([]);
  });

  it('reads what stands there from the marker where the history was cut off', async () => {
    await apply(delivery(), presentRecord(a, 4));
    const tree = await at.git('rev-parse', 'main^{tree}');
    const identity = ['-c', 'user.name=Somebody', '-c', 'user.email=somebody@example.com'];
    await at.git('update-ref', 'refs/heads/main', await at.git(...identity, 'commit-tree', '-m', 'Squashed', tree));
    const target = delivery();
    expect(await target.inspect(a)).toMatchObject({ generation: 4, digest: presentRecord(a, 4).digest });
    expect(await rejection(apply(target, presentRecord(a, 3)))).toBe('LowerGeneration');
    expect(await target.drift([presentRecord(a, 4)])).toEqual([]);
  });
});
