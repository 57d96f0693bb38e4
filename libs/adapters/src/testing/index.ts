export type { TestRepository } from './test-repository.js';
export { testRepository } from './test-repository.js';
export type { TestKubernetes } from './test-kubernetes.js';
export { adminCluster, eventually, kubectl, testKubernetes, testNamespace } from './test-kubernetes.js';
