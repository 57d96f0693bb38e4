const { spawnSync } = require('node:child_process');
const endToEnd = require('../e2e/jest.config.cjs');

const server = `${__dirname}/../../tools/servers/postgres.mjs`;
const isThere =
  process.env.DATABASE_URL || process.env.CI === 'true' || process.env.REQUIRE_EVERY_SUITE
    ? true
    : spawnSync(process.execPath, [server, '--find']).status === 0;
if (!isThere) console.error('PostgreSQL is not here: the product is not run on it. Install it or set DATABASE_URL.');

/** The product with its views in the PostgreSQL of DATABASE_URL; in one of its own without it. */
module.exports = {
  ...endToEnd,
  rootDir: `${__dirname}/../e2e`,
  roots: [`${__dirname}/../e2e`, __dirname],
  testMatch: isThere ? ['**/{reference-example,rebuild-equals-live,several-processes}.e2e.spec.ts'] : [],
  passWithNoTests: true,
  ...(isThere ? { globalSetup: `${__dirname}/start.cjs`, globalTeardown: `${__dirname}/stop.cjs` } : {}),
};
