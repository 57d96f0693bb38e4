const { TestEnvironment } = require('jest-environment-node');

/** Node's environment, with a way to Node's own loader for what jest's cannot load: see client-node.cjs. */
module.exports = class extends TestEnvironment {
  constructor(config, context) {
    super(config, context);
    this.global.requireOfNode = require;
  }
};
