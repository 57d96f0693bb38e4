import { listAt, textAt } from '../json-fields.js';
import { conditionOf, conditionsOf, isStale, notReported, stale, wordsOf } from './conditions.js';
import { type HealthRule, current, failed, inProgress } from './verdict.js';

/** Kinds that have nothing to wait for. */
export const plain: HealthRule = () => current('Exists', 'It is there');

/**
 * Kinds that nobody here knows: what their `Ready` says, or that they are there when they have no conditions. That races
 * a controller which has not begun; a kind that has one gets a rule of its own.
 */
export const unknownKind: HealthRule = (object) => {
  const ready = conditionOf(object['status'], 'Ready');
  if (!ready) return current('NoConditions', 'It is there, and reports nothing more');
  return byReady(object, ready);
};

/** Kinds whose controller always sets `Ready`; as long as it has not, they are not. */
export const readyKind: HealthRule = (object) => {
  const ready = conditionOf(object['status'], 'Ready');
  return ready ? byReady(object, ready) : notReported('Ready');
};

function byReady(object: Parameters<HealthRule>[0], ready: NonNullable<ReturnType<typeof conditionOf>>) {
  if (isStale(ready, object.metadata.generation)) return stale(ready, object.metadata.generation);
  if (ready.status === 'True') return current(ready.reason || 'Ready', wordsOf(ready));
  return inProgress(ready.reason || 'NotReady', wordsOf(ready));
}

export const volumeClaim: HealthRule = (object) => {
  const phase = textAt(object, 'status', 'phase');
  if (phase === 'Bound') return current('Bound', 'The volume is bound');
  // Nothing can be bound any more: the volume was lost.
  if (phase === 'Lost') return failed('Lost', 'The volume of the claim was lost');
  return inProgress('NotBound', `The claim is ${phase ?? 'not looked at yet'}`);
};

export const service: HealthRule = (object) => {
  if (textAt(object, 'spec', 'type') !== 'LoadBalancer' || textAt(object, 'spec', 'clusterIP')) {
    return current('Exists', 'It is there');
  }
  return inProgress('NoAddress', 'It has no address in the cluster yet');
};

export const customResourceDefinition: HealthRule = (object) => {
  const names = conditionOf(object['status'], 'NamesAccepted');
  if (names?.status === 'False') return failed(names.reason || 'NamesNotAccepted', wordsOf(names));
  const established = conditionOf(object['status'], 'Established');
  if (established?.status === 'True') return current('Established', wordsOf(established));
  if (established?.status === 'False' && established.reason !== 'Installing') {
    return failed(established.reason || 'NotEstablished', wordsOf(established));
  }
  return inProgress('Installing', established ? wordsOf(established) : 'The definition is being installed');
};

export const namespace: HealthRule = (object) => {
  const phase = textAt(object, 'status', 'phase');
  if (phase === 'Active') return current('Active', 'It is there');
  return inProgress('NotActive', `The namespace is ${phase ?? 'not looked at yet'}`);
};

export const apiService: HealthRule = (object) => {
  const available = conditionOf(object['status'], 'Available');
  if (!available) return notReported('Available');
  if (available.status === 'True') return current('Available', wordsOf(available));
  return inProgress(available.reason || 'NotAvailable', wordsOf(available));
};

/** Nothing is wrong with an autoscaler that has no figures yet: the pods run. What it cannot do is said. */
export const autoscaler: HealthRule = (object) => {
  const conditions = conditionsOf(object['status']);
  const unable = conditions.find(({ type, status }) => type === 'AbleToScale' && status === 'False');
  if (unable) return inProgress(unable.reason || 'NotAbleToScale', wordsOf(unable));
  const metrics = listAt(object, 'status', 'currentMetrics').length;
  return current('Exists', metrics > 0 ? 'It scales by its figures' : 'It is there, and has no figures yet');
};
