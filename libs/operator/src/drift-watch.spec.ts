import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { presentRecord } from '@waybill/channel/testing';
import { type OperatorBench, about, operatorBench, phases } from './testing/operator-bench.js';

const a = { project: 'a', slot: 'dev', location: 'here' };
const b = { project: 'b', slot: 'dev', location: 'here' };

let at: OperatorBench;
beforeEach(async () => {
  at = await operatorBench();
});
afterEach(() => at.dispose());

describe('drift', () => {
  it('is reported once with files and commit, again when it changes, and healed when it is gone', async () => {
    const operator = at.start();
    await at.channel.publish(presentRecord(a, 1));
    await at.channel.publish(presentRecord(b, 1));
    await at.heard('delivered', 2);
    expect(await operator.checkDrift()).toEqual([]);
    const original = await at.git('show', 'main:a/dev/deployment-a--dev.yaml');
    const commit = await at.edit((clone) => writeFile(join(clone, 'a/dev/deployment-a--dev.yaml'), 'replicas: 9\n'));
    expect(await operator.checkDrift()).toHaveLength(1);
    await operator.checkDrift();
    const second = await at.edit((clone) => writeFile(join(clone, 'a/dev/more.yaml'), 'kind: More\n'));
    await operator.checkDrift();
    await at.edit(async (clone) => {
      await writeFile(join(clone, 'a/dev/deployment-a--dev.yaml'), `${original}\n`);
      await rm(join(clone, 'a/dev/more.yaml'));
    });
    expect(await operator.checkDrift()).toEqual([]);
    await operator.checkDrift();
    const told = about(at.reports.all(), a, 1).slice(4);
    expect(told.map(({ observation }) => observation)).toEqual([
      { phase: 'drifted', paths: ['a/dev/deployment-a--dev.yaml'], commit, noticedAt: expect.any(String) },
      {
        phase: 'drifted',
        paths: ['a/dev/deployment-a--dev.yaml', 'a/dev/more.yaml'],
        commit: second,
        noticedAt: expect.any(String),
      },
      { phase: 'healed', commit: null },
    ]);
    expect(phases(about(at.reports.all(), b, 1))).not.toContain('drifted');
  });

  it('that healed while no operator ran is told by the next one', async () => {
    at.start();
    await at.channel.publish(presentRecord(a, 1));
    await at.heard('delivered');
    await at.restart();
    const operator = at.start();
    await at.heard('delivered');
    await operator.checkDrift();
    expect(phases(about(at.reports.all(), a, 1)).at(-1)).toBe('healed');
  });

  it('is looked for by itself', async () => {
    at.start({ driftIntervalMs: 5 });
    await at.channel.publish(presentRecord(a, 1));
    await at.heard('delivered');
    await at.edit((clone) => rm(join(clone, 'a'), { recursive: true }));
    const all = await at.heard('drifted');
    expect(about(all, a, 1).at(-1)!.observation).toMatchObject({ phase: 'drifted' });
  });

  it('does not hinder the next generation, which replaces what was edited', async () => {
    const operator = at.start();
    await at.channel.publish(presentRecord(a, 1));
    await at.heard('delivered');
    await at.edit((clone) => writeFile(join(clone, 'a/dev/more.yaml'), 'kind: More\n'));
    await operator.checkDrift();
    await at.channel.publish(presentRecord(a, 2));
    await at.heard('delivered', 2);
    expect(await operator.checkDrift()).toEqual([]);
    expect(await at.files()).not.toContain('a/dev/more.yaml');
  });
});
