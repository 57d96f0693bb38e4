/** The end-to-end suites that follow a release, on the server of EVENTSTOREDB_URL; on the double without one. */
const endToEnd = require('../e2e/jest.config.cjs');

module.exports = {
  ...endToEnd,
  rootDir: `${__dirname}/../e2e`,
  testMatch: ['**/{reference-example,order-and-change,crash,evidence,archive}.e2e.spec.ts'],
  globalSetup: `${__dirname}/start-double.cjs`,
  globalTeardown: `${__dirname}/stop-double.cjs`,
};
