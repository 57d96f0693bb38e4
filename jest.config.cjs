/**
 * Unit and contract tests of every lib and app. What needs a server, and what runs end to end, has configurations of
 * its own: tests/kafka, tests/kubernetes, tests/versions, tests/e2e, tests/cluster.
 */
const swc = [
  '@swc/jest',
  {
    jsc: {
      target: 'es2022',
      parser: { syntax: 'typescript', decorators: true },
      transform: { legacyDecorator: true, decoratorMetadata: true },
    },
    module: { type: 'commonjs' },
  },
];

module.exports = {
  rootDir: __dirname,
  testEnvironment: '<rootDir>/tools/setup/jest-environment.cjs',
  roots: [
    '<rootDir>/libs',
    '<rootDir>/apps',
    '<rootDir>/tools',
    '<rootDir>/tests/workspace',
    '<rootDir>/tests/evidence',
  ],
  testMatch: ['**/*.spec.ts'],
  testPathIgnorePatterns: ['/node_modules/', '/dist/', '\\.(kafka|kubernetes|versions)\\.spec\\.ts$'],
  modulePathIgnorePatterns: ['/dist/'],
  transform: { '^.+\\.ts$': swc },
  moduleNameMapper: {
    '^@kubernetes/client-node$': '<rootDir>/tools/setup/client-node.cjs',
    '^@waybill/([^/]+)/testing$': '<rootDir>/libs/$1/src/testing/index.ts',
    '^@waybill/([^/]+)$': '<rootDir>/libs/$1/src/index.ts',
    '^(\\.{1,2}/.*)\\.js$': '$1',
  },
};
