/**
 * Old and new Kubernetes and Istio, against the real ones: each spec starts those it needs with
 * tools/servers/for-specs.ts.
 */
const units = require('../../jest.config.cjs');

module.exports = {
  ...units,
  roots: ['<rootDir>/libs', '<rootDir>/apps', '<rootDir>/tests/versions'],
  testMatch: ['**/*.versions.spec.ts'],
  testPathIgnorePatterns: ['/node_modules/', '/dist/'],
  testTimeout: 120_000,
};
