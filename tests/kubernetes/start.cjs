const { startServers } = require('../../tools/servers/jest-servers.cjs');

/** Sets WAYBILL_TEST_KUBERNETES to JSON: the paths kubeconfig (admin), operatorKubeconfig and kubectl. */
module.exports = () => startServers(['kubernetes']);
