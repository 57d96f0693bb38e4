const { startServers } = require('../../tools/servers/jest-servers.cjs');

/** Sets E2E_VIEWS, where the product keeps its views, to the server of DATABASE_URL, or to one of its own. */
module.exports = async () => {
  await startServers(['postgres']);
  process.env.E2E_VIEWS = process.env.DATABASE_URL;
};
