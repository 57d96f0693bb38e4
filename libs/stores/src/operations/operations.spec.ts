import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { PrincipalId } from '@waybill/domain';
import { manualClock, type ManualClock } from '@waybill/kernel/testing';
import { onEveryEngine, type StatePlace } from '../testing/state-places.js';
import { openState } from './open-state.js';
import type { Operations } from './operations.js';

const NOON = '2026-11-23T12:00:00.000Z';

onEveryEngine('operational state', (newPlace) => {
  let place: StatePlace;
  let clock: ManualClock;
  let operations: Operations;
  let close: () => Promise<void>;
  const open = async (): Promise<void> => {
    const state = await openState(place.url, { folder: place.folder, clock: clock.read });
    operations = state.operations;
    close = async () => {
      await state.operations.close();
      await state.blobs.close();
    };
  };
  beforeEach(async () => {
    place = newPlace();
    clock = manualClock();
    await open();
  });
  afterEach(async () => {
    await close();
    await place.remove();
  });

  const reopen = async (): Promise<void> => {
    await close();
    await open();
  };

  describe('checkpoints', () => {
    it('remember the furthest position of each consumer', async () => {
      const { checkpoints } = operations;
      expect(await checkpoints.read('policies')).toBeUndefined();
      await checkpoints.save('policies', '9');
      await checkpoints.save('dispatcher', '3');
      await checkpoints.save('policies', '10');
      await checkpoints.save('policies', '9');
      expect(await checkpoints.all()).toEqual({ dispatcher: '3', policies: '10' });
      await reopen();
      expect(await operations.checkpoints.read('policies')).toBe('10');
      await operations.checkpoints.reset('policies');
      expect(await operations.checkpoints.read('policies')).toBeUndefined();
    });
  });

  describe('timers', () => {
    const timer = (stream: string, due: string) => ({ stream, due, payload: { why: 'window', n: 1 } });

    it('come due in order, until they are done', async () => {
      const { timers } = operations;
      expect(await timers.next()).toBeUndefined();
      const later = await timers.set(timer('release-2', '2026-11-23T12:05:00.000Z'));
      const soon = await timers.set(timer('release-1', NOON));
      expect(await timers.next()).toBe(NOON);
      expect(await timers.due('2026-11-23T11:59:59.999Z')).toEqual([]);
      expect(await timers.due(NOON)).toEqual([{ id: soon, ...timer('release-1', NOON) }]);
      expect((await timers.due('2026-11-24T00:00:00.000Z')).map(({ id }) => id)).toEqual([soon, later]);
      expect((await timers.due('2026-11-24T00:00:00.000Z', 1)).map(({ id }) => id)).toEqual([soon]);
      await timers.done(soon);
      await timers.done(soon);
      await reopen();
      expect(await operations.timers.due('2026-11-24T00:00:00.000Z')).toHaveLength(1);
    });

    it('have one id for one stream and time', async () => {
      const { timers } = operations;
      const id = await timers.set(timer('release-1', NOON));
      expect(await timers.set(timer('release-1', NOON))).toBe(id);
      expect(await timers.set(timer('release-2', NOON))).not.toBe(id);
      expect(await timers.due(NOON)).toHaveLength(2);
    });
  });

  describe('people', () => {
    const ada = { login: 'Ada', name: 'Ada Lovelace', email: 'ada@engines.example', chat: '@ada' };

    it('are made once, found by login without case, and get their newest fields', async () => {
      const { people } = operations;
      const made = await people.identify(ada);
      expect(made).toEqual({ ...ada, login: 'ada', id: made.id, kind: 'person', erased: false });
      expect(made.id).toMatch(/^p-/);
      expect(PrincipalId.safeParse(made.id).success).toBe(true);
      expect(await people.identify({ login: ' ADA ' })).toEqual(made);
      expect(await people.identify({ login: 'ada', name: 'Countess' })).toEqual({ ...made, name: 'Countess' });
      expect(await people.findByLogin('aDA')).toMatchObject({ id: made.id });
      expect(await people.find('p-00000000')).toBeUndefined();
      expect(await people.findByLogin('babbage')).toBeUndefined();
      await expect(people.identify({ login: ' ' })).rejects.toMatchObject({ code: 'INVALID_INPUT' });
      await reopen();
      expect(await operations.people.find(made.id)).toMatchObject({ login: 'ada', name: 'Countess' });
    });

    it('are one when two make them at once', async () => {
      const { people } = operations;
      const made = await Promise.all([...'abcd'].map((chat) => people.identify({ login: 'ada', chat })));
      expect(new Set(made.map(({ id }) => id)).size).toBe(1);
      const services = await Promise.all([...'abcd'].map(() => people.identifyService('pipelines')));
      expect(new Set(services.map(({ id }) => id)).size).toBe(1);
      expect(await people.list()).toHaveLength(2);
    });

    it('include services by display name', async () => {
      const { people } = operations;
      const made = await people.identifyService('GitLab pipelines');
      expect(made).toEqual({
        id: expect.stringMatching(/^s-/),
        kind: 'service',
        login: null,
        name: 'GitLab pipelines',
        email: null,
        chat: null,
        erased: false,
      });
      expect(PrincipalId.safeParse(made.id).success).toBe(true);
      expect(await people.identifyService('GitLab pipelines')).toEqual(made);
      const person = await people.identify({ login: 'x', name: 'GitLab pipelines' });
      expect(person.id).not.toBe(made.id);
      expect((await people.list()).map(({ id }) => id).toSorted()).toEqual([made.id, person.id].toSorted());
      const found = await people.findAll([made.id, 'p-00000000', person.id, made.id]);
      expect([...found.keys()]).toEqual([made.id, person.id]);
    });

    it('are erased without a trace, keeping the id', async () => {
      const { people } = operations;
      const { id } = await people.identify(ada);
      await people.identify({ login: 'babbage', name: 'Charles' });
      expect(await place.holds('engines.example')).toBe(true);
      const erased = { id, kind: 'person', login: null, name: null, email: null, chat: null, erased: true };
      expect(await people.erase(id)).toEqual(erased);
      expect(await people.erase(id)).toEqual(erased);
      for (const word of ['engines.example', 'Lovelace', '@ada']) expect(await place.holds(word)).toBe(false);
      await reopen();
      expect(await operations.people.find(id)).toEqual(erased);
      expect(await operations.people.findByLogin('ada')).toBeUndefined();
      expect((await operations.people.identify({ login: 'ada' })).id).not.toBe(id);
      await expect(operations.people.erase('p-00000000')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    });
  });

  describe('tokens', () => {
    it('open the door until they expire or are revoked, and are stored as a hash only', async () => {
      const { tokens } = operations;
      const forEver = await tokens.create({ principal: 'p-00000001' });
      const forAnHour = await tokens.create({ principal: 's-00000002', expiresAt: '2026-11-23T13:00:00.000Z' });
      expect(forEver.token).toMatch(/^wb_[A-Za-z0-9_-]{43}$/);
      expect(await tokens.verify(forEver.token)).toEqual({ principal: 'p-00000001', tokenId: forEver.tokenId });
      clock.set('2026-11-23T12:59:59.999Z');
      expect(await tokens.verify(forAnHour.token)).toEqual({ principal: 's-00000002', tokenId: forAnHour.tokenId });
      clock.set('2026-11-23T13:00:00.000Z');
      expect(await tokens.verify(forAnHour.token)).toBeUndefined();
      expect(await tokens.revoke(forAnHour.tokenId)).toBe(false);
      await reopen();
      expect(await operations.tokens.verify(forEver.token)).toBeDefined();
      expect(await operations.tokens.revoke(forEver.tokenId)).toBe(true);
      expect(await operations.tokens.revoke(forEver.tokenId)).toBe(false);
      expect(await operations.tokens.verify(forEver.token)).toBeUndefined();
      expect(await place.holds(forEver.token)).toBe(false);
      expect(await place.holds(forEver.token.slice(3))).toBe(false);
      await expect(operations.tokens.revoke('none')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    });

    it('are refused whatever else is sent', async () => {
      const { token } = await operations.tokens.create({ principal: 'p-00000001' });
      const others = [
        '',
        'wb_',
        token.slice(0, -1),
        `${token}x`,
        token.toUpperCase(),
        ` ${token}`,
        `wb_${'A'.repeat(43)}`,
      ];
      for (const other of others) expect(await operations.tokens.verify(other)).toBeUndefined();
    });

    it('take the id they are given, once, and are listed newest first', async () => {
      const { tokens } = operations;
      const first = await tokens.create({ tokenId: '01996f3e-0000-7000-8000-000000000000', principal: 'p-00000001' });
      expect(first.tokenId).toBe('01996f3e-0000-7000-8000-000000000000');
      await expect(tokens.create({ tokenId: first.tokenId, principal: 'p-2' })).rejects.toMatchObject({
        code: 'ALREADY_EXISTS',
      });
      clock.advance(1000);
      const second = await tokens.create({ principal: 's-00000002' });
      expect((await tokens.list()).map(({ tokenId }) => tokenId)).toEqual([second.tokenId, first.tokenId]);
      expect(await tokens.list('p-00000001')).toEqual([
        {
          tokenId: first.tokenId,
          principal: 'p-00000001',
          createdAt: NOON,
          expiresAt: null,
          revokedAt: null,
          lastUsedAt: null,
        },
      ]);
    });

    it('remember their last use, written once in ten minutes', async () => {
      const { tokens } = operations;
      const { token, tokenId } = await tokens.create({ principal: 'p-00000001' });
      const lastUsedAt = async () => (await tokens.find(tokenId))!.lastUsedAt;
      await tokens.verify(token);
      expect(await lastUsedAt()).toBe(NOON);
      clock.advance(599_999);
      await tokens.verify(token);
      expect(await lastUsedAt()).toBe(NOON);
      clock.advance(1);
      await tokens.verify(token);
      expect(await lastUsedAt()).toBe('2026-11-23T12:10:00.000Z');
    });
  });

  describe('retained channel records', () => {
    const record = (location: string, generation: number, project = 'a') => ({
      environment: { project, slot: 'dev', location },
      generation,
      directive: null as { seq: number } | null,
      state: 'present',
      desired: { deep: [1, { x: null }] },
    });

    it('are the newest of each environment, by generation', async () => {
      const { retained } = operations;
      expect(await retained.load('dev')).toEqual([]);
      expect(await retained.keep(record('dev', 2))).toBe(true);
      expect(await retained.keep(record('dev', 2))).toBe(false);
      expect(await retained.keep(record('dev', 1))).toBe(false);
      expect(await retained.keep(record('dev', 1, 'b'))).toBe(true);
      expect(await retained.keep(record('prod1', 7))).toBe(true);
      expect(await retained.keep(record('dev', 10))).toBe(true);
      await reopen();
      expect(await operations.retained.load('dev')).toEqual([record('dev', 10), record('dev', 1, 'b')]);
      expect(await operations.retained.load('prod1')).toEqual([record('prod1', 7)]);
    });

    it('are told apart by their directive within a generation', async () => {
      const directed = (seq: number) => ({ ...record('dev', 2), directive: { seq } });
      expect(await operations.retained.keep(record('dev', 2))).toBe(true);
      expect(await operations.retained.keep(directed(2))).toBe(true);
      expect(await operations.retained.keep(directed(1))).toBe(false);
      expect(await operations.retained.keep(directed(2))).toBe(false);
      expect(await operations.retained.load('dev')).toEqual([directed(2)]);
    });

    it('are gone once dropped, unless a newer one stands there, and no older one comes back', async () => {
      const { environment } = record('dev', 1);
      await operations.retained.keep(record('dev', 3));
      expect(await operations.retained.drop(environment, 2)).toBe(false);
      expect(await operations.retained.drop(environment, 3)).toBe(true);
      expect(await operations.retained.drop(environment, 3)).toBe(false);
      await reopen();
      expect(await operations.retained.load('dev')).toEqual([]);
      expect(await operations.retained.keep(record('dev', 3))).toBe(false);
      expect(await operations.retained.keep(record('dev', 4))).toBe(true);
      expect(await operations.retained.load('dev')).toEqual([record('dev', 4)]);
    });
  });
});
