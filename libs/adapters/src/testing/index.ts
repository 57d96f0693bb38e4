export type { TestRepository } from './test-repository.js';
export { testRepository } from './test-repository.js';
