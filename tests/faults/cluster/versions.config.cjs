/** Those that also need istiod or an old Kubernetes. */
const cluster = require('../../cluster/versions.config.cjs');

module.exports = { ...cluster, rootDir: __dirname, roots: [__dirname], testTimeout: 1_800_000 };
