import { type Json, listAt, numberAt, textAt, valueAt } from '../json-fields.js';
import { conditionOf, wordsOf } from './conditions.js';
import { type HealthRule, current, failed, inProgress, suspended } from './verdict.js';

/** kstatus calls a job that merely runs current; here it is done when it has completed. */
export const job: HealthRule = (object) => {
  const complete = conditionOf(object['status'], 'Complete');
  if (complete?.status === 'True') return current('Complete', wordsOf(complete));
  const failure = conditionOf(object['status'], 'Failed');
  if (failure?.status === 'True') return failed(failure.reason || 'JobFailed', wordsOf(failure));
  const paused = conditionOf(object['status'], 'Suspended');
  if (paused?.status === 'True' || valueAt(object, 'spec', 'suspend') === true) {
    return suspended('Suspended', paused?.status === 'True' ? wordsOf(paused) : 'The Job is suspended');
  }
  if (textAt(object, 'status', 'startTime') === undefined) return inProgress('NotStarted', 'The Job has not started');
  const succeeded = numberAt(object, 'status', 'succeeded') ?? 0;
  const failures = numberAt(object, 'status', 'failed') ?? 0;
  const completions = numberAt(object, 'spec', 'completions') ?? 1;
  return inProgress('Running', `${succeeded} of ${completions} pods have succeeded, ${failures} have failed`);
};

/** How long the scheduler may look for a node before a pod counts as failed; kstatus has the same. */
const SCHEDULING_MS = 15_000;

export const pod: HealthRule = (object, { now = new Date() }) => {
  const phase = textAt(object, 'status', 'phase');
  switch (phase) {
    case 'Succeeded':
      return current('PodCompleted', 'The pod has completed');
    // kstatus calls it current, as nothing more will happen; nobody releases a pod in order that it fails.
    case 'Failed':
      return failed(
        textAt(object, 'status', 'reason') ?? 'PodFailed',
        textAt(object, 'status', 'message') ?? 'The pod has failed',
      );
    case 'Running': {
      const ready = conditionOf(object['status'], 'Ready');
      if (ready?.status === 'True') return current('PodReady', 'The pod is ready');
      return crashLoop(object) ?? inProgress('PodNotReady', ready ? wordsOf(ready) : 'The pod is not ready');
    }
    case undefined:
    default: {
      const scheduled = conditionOf(object['status'], 'PodScheduled');
      if (scheduled?.status === 'False' && scheduled.reason === 'Unschedulable') {
        const since = Date.parse(object.metadata.creationTimestamp ?? '');
        const verdict = now.getTime() - since <= SCHEDULING_MS ? inProgress : failed;
        return verdict('Unschedulable', wordsOf(scheduled));
      }
      return crashLoop(object) ?? inProgress('PodPending', 'The pod has not started');
    }
  }
};

function crashLoop(object: Json): ReturnType<HealthRule> | undefined {
  const statuses = [
    ...listAt(object, 'status', 'initContainerStatuses'),
    ...listAt(object, 'status', 'containerStatuses'),
  ];
  const crashing = statuses.filter((status) => textAt(status, 'state', 'waiting', 'reason') === 'CrashLoopBackOff');
  if (crashing.length === 0) return undefined;
  const names = crashing.map((status) => textAt(status, 'name') ?? '').join(', ');
  const words = textAt(crashing[0], 'state', 'waiting', 'message');
  return failed('CrashLoopBackOff', `Container ${names}: ${words ?? 'it keeps crashing'}`);
}
