const { startServers } = require('../../tools/servers/jest-servers.cjs');

/** Sets KAFKA_BROKERS. */
module.exports = () => startServers(['kafka']);
