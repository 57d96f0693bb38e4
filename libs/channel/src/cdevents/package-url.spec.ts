import { describe, expect, it } from '@jest/globals';
import { packageUrl } from './package-url.js';

const digest = `sha256:${'0'.repeat(64)}`;
const encoded = `sha256%3A${'0'.repeat(64)}`;

describe('the package URL of a deliverable', () => {
  it.each([
    ['app', `pkg:oci/app@${encoded}?repository_url=app`],
    ['registry.example/shop/a', `pkg:oci/a@${encoded}?repository_url=registry.example/shop/a`],
    ['registry.example:5000/a:1.4.0', `pkg:oci/a@${encoded}?repository_url=registry.example%3A5000/a&tag=1.4.0`],
  ])('of the image %s', (image, expected) => {
    expect(packageUrl({ kind: 'image', image, digest })).toBe(expected);
  });

  it.each([
    [{ version: '1.2.0-1.el9' }, 'pkg:rpm/shop%2B@1.2.0-1.el9'],
    [{ version: '2:1.2.0-1', digest }, `pkg:rpm/shop%2B@1.2.0-1?checksum=${encoded}&epoch=2`],
  ])('of the rpm %j', (rest, expected) => {
    expect(packageUrl({ kind: 'rpm', package: 'shop+', ...rest })).toBe(expected);
  });
});
