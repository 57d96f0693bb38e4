/** Contract tests against a real Kafka: that of KAFKA_BROKERS, else one broker for the whole run. */
const units = require('../../jest.config.cjs');

module.exports = {
  ...units,
  roots: ['<rootDir>/libs', '<rootDir>/apps'],
  testMatch: ['**/*.kafka.spec.ts'],
  testPathIgnorePatterns: ['/node_modules/', '/dist/'],
  testTimeout: 60_000,
  globalSetup: `${__dirname}/start.cjs`,
  globalTeardown: `${__dirname}/stop.cjs`,
  passWithNoTests: true,
};
