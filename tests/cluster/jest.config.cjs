/** The built product on a real Kafka and a real Kubernetes. Build first. */
const endToEnd = require('../e2e/jest.config.cjs');

module.exports = {
  ...endToEnd,
  rootDir: __dirname,
  roots: [__dirname, `${__dirname}/../faults/cluster`],
  testPathIgnorePatterns: ['/node_modules/', '\\.versions\\.e2e\\.spec\\.ts$'],
  globalSetup: `${__dirname}/start.cjs`,
  globalTeardown: `${__dirname}/stop.cjs`,
  passWithNoTests: true,
};
