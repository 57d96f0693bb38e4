import type { Rollout } from '../documents/environments.js';
import { personName } from './release.js';

/** How far a rollout in steps has come, in a few words. */
export function rolloutSummary({ step, of, weight, paused, returned }: Rollout): string {
  if (returned !== null) return `went back: ${RETURNED[returned] ?? returned}`;
  const progress = of === null ? 'no traffic yet' : `step ${step} of ${of}, ${weight} % of the traffic`;
  if (paused === null) return progress;
  return `${progress}, paused ${paused.until === null ? (WAITS[paused.why] ?? '') : `until ${paused.until}`}`.trimEnd();
}

/** The same with the last measurement and the last directive, a line each. */
export function describeRollout(rollout: Rollout): string {
  const { analysis, directive } = rollout;
  return [
    rolloutSummary(rollout),
    analysis &&
      `measurement ${analysis.measurement} at ${analysis.step === 0 ? 'the preview' : `step ${analysis.step}`} ${VERDICTS[analysis.verdict] ?? analysis.verdict}: ${analysis.message}`,
    directive &&
      `${directive.directive}${directive.full ? ' in full' : ''} by ${personName(directive.by)}, ${directive.at}`,
  ]
    .filter(Boolean)
    .join('\n');
}

const WAITS: Readonly<Record<string, string>> = {
  step: 'until somebody promotes it',
  preview: 'until somebody promotes it',
  directive: 'until somebody resumes or promotes it',
};

const RETURNED: Readonly<Record<string, string>> = {
  failed: 'the new version failed',
  aborted: 'it was aborted',
  analysis: 'its analysis failed',
};

const VERDICTS: Readonly<Record<string, string>> = { inconclusive: 'told nothing' };
