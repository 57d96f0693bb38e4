const { once } = require('node:events');

module.exports = async () => {
  const server = globalThis.postgresServer;
  if (!server) return;
  server.kill('SIGTERM');
  await once(server, 'exit');
};
