import { v5 } from 'uuid';

/** Namespace of the command ids of the example. Never changes: they make a repeated step the same step. */
const EXAMPLE_NAMESPACE = 'b7a2f7d0-3c55-4b8e-9a39-5b6a9c1f6f0e';

/** Command id of a step on one ledger, the same however often the example is run. */
export const stepId = (ledger: string, step: string): string => v5(JSON.stringify([ledger, step]), EXAMPLE_NAMESPACE);
