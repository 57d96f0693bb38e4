/** Kills, torn files, full disks: the built libs in processes of their own. Started by run.mjs, which builds first. */
const units = require('../../jest.config.cjs');

module.exports = {
  ...units,
  roots: ['<rootDir>/tests/faults'],
  testMatch: ['**/*.faults.spec.ts'],
  testTimeout: 1_800_000,
};
