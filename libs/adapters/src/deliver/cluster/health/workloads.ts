import { type Json, numberAt, textAt, valueAt } from '../json-fields.js';
import { conditionOf, wordsOf } from './conditions.js';
import { type HealthRule, current, failed, inProgress, suspended } from './verdict.js';

/** A count of the status; what is not there is 0, as Kubernetes leaves zeros out. */
function counted(object: Json, name: string): number {
  return numberAt(object, 'status', name) ?? 0;
}

function wanted(object: Json): number {
  return numberAt(object, 'spec', 'replicas') ?? 1;
}

/** kstatus passes a status that no controller has written yet when nothing is wanted; here the controller must speak. */
function unseen(object: Json): boolean {
  return numberAt(object, 'status', 'observedGeneration') === undefined;
}

const NOT_OBSERVED = inProgress('NoObservedGeneration', 'The controller has not seen the object yet');
/** What the Deployment controller takes for "no deadline". */
const NO_DEADLINE = 2_147_483_647;

export const deployment: HealthRule = (object) => {
  if (unseen(object)) return NOT_OBSERVED;
  if (valueAt(object, 'spec', 'paused') === true) return suspended('Paused', 'The Deployment is paused');
  const progressing = conditionOf(object['status'], 'Progressing');
  if (progressing?.reason === 'ProgressDeadlineExceeded') return failed(progressing.reason, wordsOf(progressing));
  // A quota or an admission rule keeps the pods from being made: the counts alone would not say why.
  const refused = conditionOf(object['status'], 'ReplicaFailure');
  const why = refused?.status === 'True' ? `: ${wordsOf(refused)}` : '';

  const replicas = wanted(object);
  const there = counted(object, 'replicas');
  const updated = counted(object, 'updatedReplicas');
  const available = counted(object, 'availableReplicas');
  const ready = counted(object, 'readyReplicas');
  if (there < replicas) return inProgress('LessReplicas', `${there} of ${replicas} pods are there${why}`);
  if (updated < replicas) return inProgress('LessUpdated', `${updated} of ${replicas} pods are updated${why}`);
  if (there > replicas) return inProgress('ExtraPods', `${there - replicas} old pods still run`);
  if (available < updated) return inProgress('LessAvailable', `${available} of ${updated} pods are available`);
  if (ready < replicas) return inProgress('LessReady', `${ready} of ${replicas} pods are ready`);
  const deadline = numberAt(object, 'spec', 'progressDeadlineSeconds') ?? NO_DEADLINE;
  const done = progressing?.status === 'True' && progressing.reason === 'NewReplicaSetAvailable';
  if (!done && deadline !== NO_DEADLINE) {
    return inProgress('ReplicaSetNotAvailable', progressing ? wordsOf(progressing) : 'The new pods are not available');
  }
  const availability = conditionOf(object['status'], 'Available');
  if (availability?.status !== 'True') {
    return inProgress('DeploymentNotAvailable', availability ? wordsOf(availability) : 'It is not available yet');
  }
  return current('Available', `${replicas} pods run`);
};

export const statefulSet: HealthRule = (object) => {
  if (unseen(object)) return NOT_OBSERVED;
  if (textAt(object, 'spec', 'updateStrategy', 'type') === 'OnDelete') {
    return current('OnDelete', 'Pods are updated when someone deletes them');
  }
  const replicas = wanted(object);
  const there = counted(object, 'replicas');
  const ready = counted(object, 'readyReplicas');
  const updated = counted(object, 'updatedReplicas');
  if (there < replicas) return inProgress('LessReplicas', `${there} of ${replicas} pods are there`);
  if (ready < replicas) return inProgress('LessReady', `${ready} of ${replicas} pods are ready`);
  if (there > replicas) return inProgress('ExtraPods', `${there - replicas} pods are being taken down`);
  const partition = numberAt(object, 'spec', 'updateStrategy', 'rollingUpdate', 'partition');
  if (partition !== undefined) {
    const due = replicas - partition;
    if (updated < due) return inProgress('PartitionRollout', `${updated} of ${due} pods are updated`);
    return current('PartitionRolledOut', `${updated} pods are updated`);
  }
  const upToDate = counted(object, 'currentReplicas');
  if (upToDate < replicas) return inProgress('LessCurrent', `${upToDate} of ${replicas} pods are current`);
  if (textAt(object, 'status', 'currentRevision') !== textAt(object, 'status', 'updateRevision')) {
    return inProgress('RevisionMismatch', 'Not all pods are of the new revision');
  }
  return current('RolledOut', `${replicas} pods run`);
};

export const daemonSet: HealthRule = (object) => {
  if (unseen(object)) return NOT_OBSERVED;
  const desired = numberAt(object, 'status', 'desiredNumberScheduled');
  if (desired === undefined) return inProgress('NoDesiredNumber', 'The controller has not counted the nodes yet');
  const counts = [
    ['LessCurrent', 'currentNumberScheduled', 'are scheduled'],
    ['LessUpdated', 'updatedNumberScheduled', 'are updated'],
    ['LessAvailable', 'numberAvailable', 'are available'],
    ['LessReady', 'numberReady', 'are ready'],
  ] as const;
  for (const [reason, field, words] of counts) {
    const count = counted(object, field);
    if (count < desired) return inProgress(reason, `${count} of ${desired} pods ${words}`);
  }
  return current('RolledOut', `${desired} pods run`);
};

export const replicaSet: HealthRule = (object) => {
  if (unseen(object)) return NOT_OBSERVED;
  const refused = conditionOf(object['status'], 'ReplicaFailure');
  if (refused?.status === 'True') return inProgress('ReplicaFailure', wordsOf(refused));
  const replicas = wanted(object);
  const there = counted(object, 'replicas');
  const labelled = counted(object, 'fullyLabeledReplicas');
  const available = counted(object, 'availableReplicas');
  const ready = counted(object, 'readyReplicas');
  if (labelled < replicas) return inProgress('LessLabelled', `${labelled} of ${replicas} pods are there`);
  if (available < replicas) return inProgress('LessAvailable', `${available} of ${replicas} pods are available`);
  if (ready < replicas) return inProgress('LessReady', `${ready} of ${replicas} pods are ready`);
  if (there > replicas) return inProgress('ExtraPods', `${there - replicas} pods are being taken down`);
  return current('Available', `${replicas} pods run`);
};
