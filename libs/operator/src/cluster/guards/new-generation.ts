import type { Next, Pass } from '../pass.js';

/**
 * The facts of an older generation no longer count. Goes on with the guards below: it is saved together with what they
 * find.
 */
export function newGeneration(pass: Pass): Promise<Next | undefined> {
  pass.begin();
  return Promise.resolve(undefined);
}
