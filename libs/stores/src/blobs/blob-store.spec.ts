import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { sha256 } from '@waybill/kernel';
import { openState } from '../operations/open-state.js';
import { onEveryEngine, type StatePlace } from '../testing/state-places.js';
import { MAX_CONTENT_BYTES, type BlobStore } from './blob-store.js';

const fakeKey = ['-----', 'BEGIN PRIVATE KEY', '-----'].join('');

onEveryEngine('the blob store', (newPlace) => {
  let place: StatePlace;
  let blobs: BlobStore;
  let close: () => Promise<void>;
  const open = async (): Promise<void> => {
    const state = await openState(place.url, { folder: place.folder });
    blobs = state.blobs;
    close = async () => {
      await state.operations.close();
      await state.blobs.close();
    };
  };
  beforeEach(async () => {
    place = newPlace();
    await open();
  });
  afterEach(async () => {
    await close();
    await place.remove();
  });

  it.each([
    ['a text', 'replicas: 2\n'],
    ['an empty text', ''],
    ['unicode and a zero', 'Ünïcode 𝄞\u0000 e\u0301'],
    ['a text at the limit', 'x'.repeat(MAX_CONTENT_BYTES)],
  ])('keeps %s under its SHA-256', async (_what, text) => {
    const digest = await blobs.put(text);
    expect(digest).toBe(sha256(text));
    expect(await blobs.has(digest)).toBe(true);
    expect(await blobs.get(digest)).toBe(text);
    expect(await blobs.put(text)).toBe(digest);
  });

  it('keeps contents when it is opened again', async () => {
    const digest = await blobs.put('kept');
    await close();
    await open();
    expect(await blobs.get(digest)).toBe('kept');
  });

  it('puts several in one go, in the order given, some of them twice', async () => {
    await blobs.put('b');
    const digests = await blobs.putAll(['a', { text: 'b', file: 'b.txt' }, 'c', 'a']);
    expect(digests).toEqual(['a', 'b', 'c', 'a'].map(sha256));
    for (const [index, digest] of digests.entries()) expect(await blobs.get(digest)).toBe('abca'[index]);
    expect(await blobs.putAll([])).toEqual([]);
  });

  it('refuses what is too large, by bytes, and stores none of the others', async () => {
    const large = '€'.repeat(MAX_CONTENT_BYTES / 3 + 1);
    await expect(blobs.putAll(['small', { text: large, file: 'app/big.bin' }])).rejects.toMatchObject({
      code: 'CONTENT_TOO_LARGE',
      message: expect.stringContaining('app/big.bin'),
    });
    expect(await blobs.has(sha256('small'))).toBe(false);
    await expect(blobs.put('12345', { limit: 4 })).rejects.toMatchObject({ code: 'CONTENT_TOO_LARGE' });
    expect(await blobs.put('1234', { limit: 4 })).toBe(sha256('1234'));
  });

  it('refuses a secret, naming file and line, and stores nothing of it', async () => {
    const text = `a: 1\nkey: |\n  ${fakeKey}\n`;
    const refused = blobs.putAll(['harmless', { text, file: 'app/dev/app.conf' }]);
    await expect(refused).rejects.toMatchObject({
      code: 'SECRET_FOUND',
      message: expect.stringContaining('app/dev/app.conf:3'),
      hint: expect.stringMatching(/\S/),
    });
    await expect(blobs.put(text)).rejects.not.toThrow(fakeKey);
    expect(await blobs.has(sha256(text))).toBe(false);
    expect(await blobs.has(sha256('harmless'))).toBe(false);
    expect(await place.holds(fakeKey)).toBe(false);
    expect(await blobs.put(text, { scan: false })).toBe(sha256(text));
  });

  it('refuses what is no text', async () => {
    await expect(blobs.put('a\ud800')).rejects.toMatchObject({ code: 'INVALID_INPUT' });
  });

  it('says which digest it does not have', async () => {
    const digest = sha256('nowhere');
    await expect(blobs.get(digest)).rejects.toMatchObject({
      code: 'CONTENT_NOT_FOUND',
      message: expect.stringContaining(digest),
    });
    expect(await blobs.has(digest)).toBe(false);
  });

  it('erases without a trace in its files, and takes the same text again', async () => {
    const text = `personal: ${'find-me '.repeat(3000)}`;
    await blobs.put('another');
    const digest = await blobs.put(text);
    expect(await place.holds('find-me')).toBe(true);
    expect(await blobs.erase(digest)).toBe(true);
    expect(await blobs.erase(digest)).toBe(false);
    expect(await blobs.has(digest)).toBe(false);
    await expect(blobs.get(digest)).rejects.toMatchObject({ code: 'CONTENT_NOT_FOUND' });
    expect(await place.holds('find-me')).toBe(false);
    await close();
    await open();
    expect(await place.holds('find-me')).toBe(false);
    expect(await blobs.put(text)).toBe(digest);
  });

  it('notices content that was changed behind its back', async () => {
    const digest = await blobs.put('original');
    await place.run(`UPDATE contents SET text = 'forged' WHERE digest = '${digest}'`);
    await expect(blobs.get(digest)).rejects.toMatchObject({
      code: 'STORE_CORRUPT',
      message: expect.stringContaining(digest),
    });
  });
});
