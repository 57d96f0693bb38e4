import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { DesiredRecord } from '@waybill/channel';
import { absentRecord, presentRecord } from '@waybill/channel/testing';
import { STABLE_CAPABILITIES } from '../../plan/capabilities.js';
import { planObjects } from '../../plan/plan-objects.js';
import { type TestRepository, testRepository } from '../../testing/test-repository.js';
import type { Deliverer } from '../deliverer.js';
import { createGitDelivery } from './git-delivery.js';

const a = { project: 'a', slot: 'dev', location: 'here' };

let at: TestRepository;
let folder: string;
const open: Deliverer[] = [];
const sshBefore = process.env['GIT_SSH_COMMAND'];

beforeEach(async () => {
  at = await testRepository();
  await createGitDelivery({ repository: at.path, branch: 'main' }).inspect(a);
  folder = mkdtempSync(join(tmpdir(), 'waybill-remote-'));
  // The other end of ssh, without a network: the host name is dropped and the command is run here.
  const ssh = join(folder, 'ssh');
  writeFileSync(ssh, '#!/bin/sh\nfor last; do :; done\nexec sh -c "$last"\n');
  chmodSync(ssh, 0o755);
  process.env['GIT_SSH_COMMAND'] = ssh;
});
afterEach(async () => {
  for (const delivery of open.splice(0)) await delivery.close();
  if (sshBefore === undefined) delete process.env['GIT_SSH_COMMAND'];
  else process.env['GIT_SSH_COMMAND'] = sshBefore;
  rmSync(folder, { recursive: true, force: true });
  await at.dispose();
});

function delivery(name: string): Deliverer {
  const repository = `ssh://git@host.example${at.path}`;
  const created = createGitDelivery({ repository, branch: 'main', workFolder: join(folder, name) });
  open.push(created);
  return created;
}

const apply = (target: Deliverer, record: DesiredRecord) =>
  target.apply(record, planObjects(record.desired!, record.generation, STABLE_CAPABILITIES));

describe('git delivery to a remote repository', () => {
  it('pushes deployments and removals, and does nothing twice from another machine', async () => {
    const { commit } = await apply(delivery('one'), presentRecord(a, 1));
    expect(await at.git('rev-parse', 'main')).toBe(commit);
    expect((await apply(delivery('two'), presentRecord(a, 1))).commit).toBe(commit);
    await delivery('three').remove(absentRecord(a, 2));
    expect(await at.subjects()).toEqual(['Deploy a.dev@here generation 1', 'Remove a.dev@here generation 2']);
    expect(await at.files()).toEqual([]);
  });

  it('lands beside commits that others push meanwhile', async () => {
    const one = delivery('one');
    const two = delivery('two');
    await apply(one, presentRecord(a, 1));
    await apply(two, presentRecord({ ...a, project: 'b' }, 1));
    await at.edit((clone) => Promise.resolve(writeFileSync(join(clone, 'README.md'), 'ours\n')));
    await Promise.all([apply(one, presentRecord(a, 2)), apply(two, presentRecord({ ...a, project: 'b' }, 2))]);
    expect((await at.subjects()).slice(3).sort()).toEqual([
      'Deploy a.dev@here generation 2',
      'Deploy b.dev@here generation 2',
    ]);
  });

  it('sees a hand edit as drift', async () => {
    const target = delivery('one');
    await apply(target, presentRecord(a, 1));
    const commit = await at.edit((clone) =>
      Promise.resolve(writeFileSync(join(clone, 'a/dev/service-a--dev.yaml'), 'edited\n')),
    );
    expect(await target.drift([presentRecord(a, 1)])).toEqual([
      { environment: a, generation: 1, paths: ['a/dev/service-a--dev.yaml'], commit },
    ]);
  });
});
