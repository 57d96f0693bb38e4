const { stopServers } = require('../../tools/servers/jest-servers.cjs');

module.exports = stopServers;
