/** The contracts of an event store against a server that EVENTSTOREDB_URL names. Started by run.mjs. */
const units = require('../../jest.config.cjs');

module.exports = {
  ...units,
  roots: ['<rootDir>/tests/eventstoredb'],
  testTimeout: 60_000,
};
