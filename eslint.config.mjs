import js from '@eslint/js';
import nx from '@nx/eslint-plugin';
import globals from 'globals';
import typescript from 'typescript-eslint';

/** Who may import whom: docs/architecture.md. A lib's tag is `type:<name>`; what is not listed is forbidden. */
const MAY_IMPORT = {
  kernel: [],
  domain: ['kernel'],
  git: ['kernel'],
  evidence: ['kernel'],
  postgres: ['kernel'],
  stores: ['kernel', 'domain', 'postgres'],
  views: ['kernel', 'domain', 'postgres'],
  channel: ['kernel', 'domain'],
  config: ['kernel', 'domain', 'git'],
  adapters: ['kernel', 'domain', 'channel', 'git'],
  operator: ['kernel', 'domain', 'channel', 'adapters'],
  policies: ['kernel', 'domain', 'channel', 'config'],
};

/** Packages that belong to one place only. */
const AT_HOME = {
  '@nestjs/*': [],
  graphql: [],
  '@apollo/*': [],
  '@eventstore/*': ['stores'],
  'better-sqlite3': ['stores', 'views'],
  kysely: ['views'],
  pg: ['postgres', 'views'],
  'pg-connection-string': ['postgres'],
  kafkajs: ['channel'],
  '@kubernetes/client-node': ['adapters'],
};

const constraints = Object.entries(MAY_IMPORT).map(([name, allowed]) => ({
  sourceTag: `type:${name}`,
  onlyDependOnLibsWithTags: [`type:${name}`, ...allowed.map((lib) => `type:${lib}`)],
  bannedExternalImports: Object.entries(AT_HOME)
    .filter(([, homes]) => !homes.includes(name))
    .map(([pattern]) => pattern),
}));

const LIBS = Object.keys(MAY_IMPORT).map((lib) => `type:${lib}`);

/** @param {string[]} [allow] regular expressions of what may be imported from outside of any lib */
const boundaries = (allow = []) => [
  'error',
  {
    allow,
    enforceBuildableLibDependency: false,
    checkDynamicDependenciesExceptions: ['.*'],
    depConstraints: [
      ...constraints,
      { sourceTag: 'type:app', onlyDependOnLibsWithTags: LIBS },
      { sourceTag: 'type:tool', onlyDependOnLibsWithTags: LIBS },
    ],
  },
];

export default typescript.config(
  { ignores: ['**/dist/**', '**/node_modules/**', '**/*.gen.ts', '.nx/**', '.waybill/**', 'coverage/**'] },
  js.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [typescript.configs.recommended],
    languageOptions: { parserOptions: { projectService: false, project: ['./tsconfig.specs.json'] } },
    plugins: { '@nx': nx },
    rules: {
      '@nx/enforce-module-boundaries': boundaries(),
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: false }],
      '@typescript-eslint/await-thenable': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', ignoreRestSiblings: true }],
      '@typescript-eslint/no-empty-object-type': 'off',
      'no-control-regex': 'off',
      'max-lines': ['warn', { max: 400, skipBlankLines: true, skipComments: true }],
    },
  },
  {
    // These start servers of their own, to kill and pause them.
    files: ['**/*.{kafka,kubernetes,versions}.spec.ts'],
    rules: { '@nx/enforce-module-boundaries': boundaries(['/tools/servers/for-specs\\.js$']) },
  },
  {
    files: ['apps/ledger/src/**/*.ts'],
    rules: { '@typescript-eslint/consistent-type-imports': 'off' },
  },
  {
    files: ['libs/kernel/src/**/*.ts', 'libs/domain/src/**/*.ts'],
    ignores: ['**/*.spec.ts', 'libs/kernel/src/testing/**'],
    rules: {
      'no-restricted-imports': [
        'error',
        { patterns: [{ regex: '^node:(?!crypto$)', message: 'The core is pure: no node:* here.' }] },
      ],
    },
  },
  {
    files: ['libs/domain/src/**/*.ts'],
    ignores: ['**/*.spec.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        { patterns: [{ regex: '^node:', message: 'The domain is pure: no node:* here.' }] },
      ],
    },
  },
  {
    files: ['**/*.{mjs,cjs,js}'],
    languageOptions: { globals: globals.node },
  },
);
