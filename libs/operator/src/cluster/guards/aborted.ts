import type { Next, Pass } from '../pass.js';
import { giveUp } from '../tracks/give-up.js';

/** Somebody wants the version back that ran before. Once the tracks have changed places it is too late. */
export async function aborted(pass: Pass): Promise<Next | undefined> {
  const { facts, release } = pass;
  const { directive } = release.spec;
  if (directive?.kind !== 'abort' || !facts.progress || facts.progress.returning) return undefined;
  giveUp(pass, 'aborted', 'Aborted', `Aborted at step ${facts.progress.step} of ${facts.progress.of}`);
  await pass.save();
  return 'again';
}
