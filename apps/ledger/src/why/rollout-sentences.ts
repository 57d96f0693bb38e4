import { type DeploymentEvent, type EnvironmentEvent, environmentName } from '@waybill/domain';
import { assertNever } from '@waybill/kernel';

type RolloutDirected = Extract<EnvironmentEvent, { type: 'RolloutDirected' }>;

export function directiveSentence({ data }: RolloutDirected, who: string): string {
  const rollout = `the rollout of generation ${data.generation} of ${environmentName(data.environment)}`;
  switch (data.directive) {
    case 'promote':
      return data.full
        ? `${who} had ${rollout} go to all traffic at once.`
        : `${who} promoted ${rollout}: the pause ${data.step === undefined ? 'at hand' : `at ${stepWords(data.step)}`} ends.`;
    case 'pause':
      return `${who} had ${rollout} stay as it is.`;
    case 'resume':
      return `${who} had ${rollout} go on.`;
    case 'abort':
      return `${who} aborted ${rollout}: all traffic is to go back to what ran before.`;
    default:
      return assertNever(data.directive);
  }
}

type RolloutEvent = Extract<
  DeploymentEvent,
  { type: 'TrafficShifted' | 'RolloutPaused' | 'RolloutResumed' | 'AnalysisMeasured' | 'ReturnedToStable' }
>;

/** `what` is how the deployment is called. */
export function rolloutSentence(event: RolloutEvent, what: string): string {
  switch (event.type) {
    case 'TrafficShifted': {
      const { step, of, weight, track, durationMs } = event.data;
      return `${what} takes ${weight} % of the traffic, on track ${track}: step ${step} of ${of}, in ${Math.round(durationMs)} ms.`;
    }
    case 'RolloutPaused': {
      const { step, until, why } = event.data;
      const end = until === null ? PAUSED_UNTIL[why] : `until ${until}`;
      return `${what} pauses at ${stepWords(step)} ${end}.`;
    }
    case 'RolloutResumed':
      return `${what} goes on from ${stepWords(event.data.step)}: ${RESUMED[event.data.why]}.`;
    case 'AnalysisMeasured': {
      const { step, measurement, verdict, message } = event.data;
      return `${what}: measurement ${measurement} at ${stepWords(step)} ${VERDICTS[verdict]}: ${message.replace(/[.\s]+$/, '')}.`;
    }
    case 'ReturnedToStable': {
      const { why, durationMs } = event.data;
      return `${what} gave all traffic back to what ran before, which never left, in ${Math.round(durationMs)} ms: ${RETURNED[why]}.`;
    }
    default:
      return assertNever(event);
  }
}

/** Step 0 is what comes before any traffic is shifted. */
const stepWords = (step: number): string => (step === 0 ? 'the preview' : `step ${step}`);

const PAUSED_UNTIL = {
  step: 'until somebody promotes it',
  directive: 'as somebody asked for, until it is resumed or promoted',
  preview: 'before any traffic is shifted, until somebody promotes it',
} as const;

const RESUMED = {
  time: 'the pause is over',
  directive: 'somebody asked for it',
  analysis: 'the analysis passed',
} as const;

const VERDICTS = { passed: 'passed', failed: 'failed', inconclusive: 'told nothing' } as const;

const RETURNED = {
  failed: 'the new version failed',
  aborted: 'the rollout was aborted',
  analysis: 'the analysis failed',
} as const;
