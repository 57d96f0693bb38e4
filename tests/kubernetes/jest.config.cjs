/** Contract tests against a real API server with its controllers and a simulated node: one for the whole run. */
const units = require('../../jest.config.cjs');

module.exports = {
  ...units,
  roots: ['<rootDir>/libs', '<rootDir>/apps'],
  testMatch: ['**/*.kubernetes.spec.ts'],
  testPathIgnorePatterns: ['/node_modules/', '/dist/'],
  testTimeout: 60_000,
  globalSetup: `${__dirname}/start.cjs`,
  globalTeardown: `${__dirname}/stop.cjs`,
  passWithNoTests: true,
};
