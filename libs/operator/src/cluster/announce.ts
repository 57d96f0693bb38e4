import { type Cluster, emitEvent } from '@waybill/adapters';
import { type Observation, machineText } from '@waybill/domain';
import { type OperatorLog, logLine } from '../log.js';
import { type Release, asObject, releaseTrace } from '../release-resource/release.js';

const WARNINGS: readonly Observation['phase'][] = ['delayed', 'failed', 'rejected', 'drifted', 'returned-to-stable'];

/** One line of the log and one Kubernetes Event for each action. Whether people see it changes nothing. */
export function createAnnouncer(
  cluster: Cluster,
  log: OperatorLog,
): (release: Release, observation: Observation) => void {
  return (release, observation) => {
    const { phase } = observation;
    const trace = releaseTrace(release);
    const message = sentenceOf(observation, release);
    const warning = WARNINGS.includes(phase);
    const line = logLine(phase, { ...trace, ...fieldsOf(observation) });
    if (warning) log.warn(line);
    else log.info(line);
    emitEvent(cluster, asObject(release), {
      type: warning ? 'Warning' : 'Normal',
      reason: 'reason' in observation ? observation.reason : eventReason(phase),
      message,
      annotations: annotationsOf(trace),
    }).catch((error: unknown) => log.warn(logLine('no event', { ...trace, message: String(error) })));
  };
}

/** `rolled-out` as `RolledOut`. */
const eventReason = (phase: string): string =>
  phase.replace(/(?:^|-)([a-z])/g, (_, letter: string) => letter.toUpperCase());

function fieldsOf(observation: Observation): Record<string, string | number> {
  switch (observation.phase) {
    case 'delayed':
      return { attempt: observation.attempt, reason: observation.reason, message: observation.message };
    case 'failed':
    case 'rejected':
      return { reason: observation.reason, message: observation.message };
    case 'adapted':
    case 'pruned':
      return { objects: observation.objects.length };
    case 'applied':
    case 'rolled-out':
      return { durationMs: observation.durationMs };
    case 'drifted':
      return { paths: observation.paths.length, first: observation.paths[0]! };
    case 'traffic-shifted': {
      const { step, of, weight, track, durationMs } = observation;
      return { step, of, weight, track, durationMs };
    }
    case 'rollout-paused':
    case 'rollout-resumed':
      return { step: observation.step, why: observation.why };
    case 'analysed': {
      const { step, measurement, verdict, message } = observation;
      return { step, measurement, verdict, message };
    }
    case 'returned-to-stable':
      return { why: observation.why, durationMs: observation.durationMs };
    default:
      return {};
  }
}

function sentenceOf(observation: Observation, { spec }: Release): string {
  const of = `generation ${spec.generation}`;
  switch (observation.phase) {
    case 'failed':
    case 'rejected':
      return machineText(`${of}: ${observation.message}`);
    case 'delayed':
      return machineText(`${of}, attempt ${observation.attempt}: ${observation.message}`);
    case 'adapted':
      return `${of}: ${observation.objects.length} objects are planned`;
    case 'pruned':
      return `${of}: removed ${observation.objects.map(({ kind, name }) => `${kind} ${name}`).join(', ')}`.slice(
        0,
        1000,
      );
    case 'drifted':
      return `${of}: changed by somebody else: ${observation.paths.join(', ')}`.slice(0, 1000);
    case 'traffic-shifted':
      return `${of}: step ${observation.step} of ${observation.of}, ${observation.weight} % of the traffic to it`;
    case 'rollout-paused':
      return `${of}: paused at step ${observation.step}${observation.until === null ? '' : ` until ${observation.until}`}`;
    case 'rollout-resumed':
      return `${of}: goes on after step ${observation.step}: ${observation.why}`;
    case 'analysed':
      return machineText(
        `${of}: measurement ${observation.measurement} ${observation.verdict}: ${observation.message}`,
      );
    case 'returned-to-stable':
      return `${of}: all traffic is at the version that ran before: ${observation.why}`;
    default:
      return `${of}: ${observation.phase}`;
  }
}

/** As on the objects themselves, so that one search finds both. */
function annotationsOf(trace: ReturnType<typeof releaseTrace>): Record<string, string> {
  const named = { ...trace, 'pipeline-id': trace['pipelineId'], 'job-id': trace['jobId'] };
  return Object.fromEntries(
    Object.entries(named).flatMap(([name, value]) =>
      value === undefined || value === null || name === 'pipelineId' || name === 'jobId' || name === 'environment'
        ? []
        : [[`waybill.dev/${name}`, String(value)]],
    ),
  );
}
