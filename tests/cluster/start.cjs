const { startServers } = require('../../tools/servers/jest-servers.cjs');

/** Sets KAFKA_BROKERS, and WAYBILL_TEST_KUBERNETES as in tests/kubernetes/start.cjs. */
module.exports = () => startServers(['kafka', 'kubernetes']);
