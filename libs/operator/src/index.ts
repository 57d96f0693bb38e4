export type { OperatorLog } from './log.js';
export type { OperatorOptions, RunningOperator } from './operator.js';
export { startOperator } from './operator.js';
