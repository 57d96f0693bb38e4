/** Faults of the whole product on a real Kafka and a real Kubernetes. Also part of tests/cluster, in their shortest form. */
const cluster = require('../../cluster/jest.config.cjs');

module.exports = { ...cluster, rootDir: __dirname, roots: [__dirname], testTimeout: 1_800_000 };
