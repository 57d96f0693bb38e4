/* global requireOfNode */
/**
 * @kubernetes/client-node for jest. It is ES modules alone: Node 20 takes them by `require`, jest only from Node 24.9 on.
 * Its thousand files are loaded once by Node's own loader instead of being transformed, and loaded, for every suite.
 */
module.exports = { __esModule: true, ...requireOfNode('@kubernetes/client-node') };
