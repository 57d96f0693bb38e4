import { describe, expect, it } from '@jest/globals';
import { expandedSize, matchesEverything, shapeOf } from './pattern.js';

describe('shapeOf', () => {
  it.each([
    ['^dev$', 'dev', 'exact'],
    ['^a\\.b$', 'a.b', 'exact'],
    ['^feature-', 'feature-', 'open'],
    ['^feature-.*$', 'feature-', 'open'],
    ['^feature(-[a-z0-9]+)+$', 'feature', 'other'],
    ['^features?$', 'feature', 'other'],
    ['^release-([0-9]+)', 'release-', 'other'],
    ['^(a|b)-x', '', 'other'],
    ['^dev|main', '', 'other'],
    ['^dev(a|b)', 'dev', 'other'],
    ['^dev[|]', 'dev', 'other'],
    ['^dev\\|x', 'dev|x', 'open'],
    ['^(?i)dev', '', 'other'],
    ['^dev(?i)(?s-m)*', 'de', 'other'],
    ['^dev(?i)x', 'dev', 'other'],
    ['^\\Qa|b\\E', '', 'other'],
    ['^a\\Q(\\E|b', '', 'other'],
    ['^a[](]|b', '', 'other'],
    ['^release-(?:a|b)', 'release-', 'other'],
    ['dev', '', 'other'],
    ['^\\d', '', 'other'],
    ['.*', '', 'open'],
  ])('%s starts with %j: %s', (pattern, prefix, kind) => {
    expect(shapeOf(pattern)).toEqual({ prefix, kind });
  });

  it('knows patterns that match everything, and those that only look so', () => {
    const all = [null, '', '.*', '^.*$', '^', '$', '.', '.+', '^.+', '(.*)', '^(.+)$'];
    const some = ['^.$', '^$', '..', '.*a', 'a*b', '^(.*)a$'];
    expect(all.filter((pattern) => !matchesEverything(pattern))).toEqual([]);
    expect(some.filter(matchesEverything)).toEqual([]);
  });
});

describe('expandedSize', () => {
  it('multiplies counted repetition out', () => {
    expect(expandedSize('^feature(-[a-z0-9]+)+$')).toBeLessThan(30);
    expect(expandedSize('(a{30}){30}')).toBeGreaterThanOrEqual(900);
    expect(expandedSize('(a{1000}){1000}')).toBeGreaterThanOrEqual(1_000_000);
    expect(expandedSize('[0-9a-f]{40}')).toBe(40);
  });
});
