const endToEnd = require('../e2e/jest.config.cjs');

/** The product with its views in the PostgreSQL of DATABASE_URL; in one of its own without it. */
module.exports = {
  ...endToEnd,
  rootDir: `${__dirname}/../e2e`,
  roots: [`${__dirname}/../e2e`, __dirname],
  testMatch: ['**/{reference-example,rebuild-equals-live,several-processes,shared-state}.e2e.spec.ts'],
  globalSetup: `${__dirname}/start.cjs`,
  globalTeardown: `${__dirname}/stop.cjs`,
};
