/** As jest.config.cjs, for what also needs an old Kubernetes or istiod: specs start these with tools/servers/for-specs.ts. */
const cluster = require('./jest.config.cjs');

module.exports = {
  ...cluster,
  testMatch: ['**/*.versions.e2e.spec.ts'],
  testPathIgnorePatterns: ['/node_modules/'],
  testTimeout: 240_000,
};
