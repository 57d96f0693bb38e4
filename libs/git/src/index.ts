export type { CommitRequest, FileEdit, Person } from './commit-files.js';
export type { GitOptions, GitOutput } from './git-program.js';
export { redact, runGit } from './git-program.js';
export type { GitObject, ObjectInfo, ObjectReader } from './object-reader.js';
export type { Repository } from './repository.js';
