import { describe, expect, it } from '@jest/globals';
import { fieldChanges, textChanges } from './changes.js';

describe('fieldChanges', () => {
  it.each([
    [{ a: 1 }, { a: 1 }, []],
    [{ a: 1 }, { a: 2 }, [{ path: 'a', from: 1, to: 2 }]],
    [{ a: { b: 1, c: 2 } }, { a: { b: 1 } }, [{ path: 'a.c', from: 2, to: null }]],
    [{ a: [1, 2] }, { a: [1, 3] }, [{ path: 'a[1]', from: 2, to: 3 }]],
    [{ a: [1] }, { a: [1, 2] }, [{ path: 'a', from: [1], to: [1, 2] }]],
    [{ a: null }, {}, []],
    [{}, { a: { b: 1 } }, [{ path: 'a', from: null, to: { b: 1 } }]],
    [null, { a: 1 }, [{ path: '', from: null, to: { a: 1 } }]],
  ])('%j to %j', (from, to, changes) => {
    expect(fieldChanges(from, to)).toEqual(changes);
  });
});

describe('textChanges', () => {
  it('tells what came, went and changed, as patches', () => {
    const changes = textChanges({ same: 'x', gone: 'a\n', b: 'one\ntwo\n' }, { same: 'x', b: 'one\n2\n', come: 'c\n' });
    expect(changes).toEqual([
      { path: 'b', change: 'changed', patch: '--- a/b\n+++ b/b\n@@ -1,2 +1,2 @@\n one\n-two\n+2\n' },
      { path: 'come', change: 'added', patch: '--- /dev/null\n+++ b/come\n@@ -0,0 +1,1 @@\n+c\n' },
      { path: 'gone', change: 'removed', patch: '--- a/gone\n+++ /dev/null\n@@ -1,1 +0,0 @@\n-a\n' },
    ]);
  });

  it('cuts a patch that is too long to be read', () => {
    const [change] = textChanges({}, { a: 'x\n'.repeat(5000) });
    expect(change!.patch.split('\n').length).toBeLessThan(2005);
    expect(change!.patch).toMatch(/… \d+ more lines\n$/);
  });
});
