/** In place of a location, for what the ledger sends. */
export const LEDGER = 'ledger';

/** A request of an operator, or of the ledger to Kafka, that changes something, as a proxy sees it. */
export interface Step {
  readonly location: string;
  /** `desired` of the ledger; of an operator `release create`, `release write`, `status write`, `apply deployments`, `remove services`, `report`, `offset`… */
  readonly name: string;
}

/** Before the request has reached the server; or after the server has answered, and before the operator knows. */
export type When = 'before' | 'after';

/**
 * Asked by the proxies at each step. Nothing passes until it resolves; `cut`: the request, or its answer, is lost with
 * the connection.
 */
export type Gate = (step: Step, when: When) => Promise<'pass' | 'cut'>;

/** Resolved by somebody else. */
export function deferred(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve: () => void = () => undefined;
  const promise = new Promise<void>((done) => (resolve = done));
  return { promise, resolve };
}
