import { numberAt, textAt } from '../json-fields.js';
import { conditionOf, notReported, wordsOf } from './conditions.js';
import { type HealthRule, current, failed, inProgress } from './verdict.js';

const SERVICE_CONDITIONS = ['ConfigurationsReady', 'RoutesReady', 'Ready'];

/**
 * Ready for this generation, with the newest revision in service: `Ready` alone is also True while an older one serves.
 * False is final until someone changes something (knative.dev/pkg/apis, "living condition set").
 */
export const knativeService: HealthRule = (object) => {
  const verdict = byConditions(object, SERVICE_CONDITIONS);
  if (verdict) return verdict;
  const created = textAt(object, 'status', 'latestCreatedRevisionName');
  const ready = textAt(object, 'status', 'latestReadyRevisionName');
  if (created === undefined || created !== ready) {
    return inProgress('RevisionNotReady', `Revision ${created ?? '(none)'} is not ready; ${ready ?? 'none'} serves`);
  }
  return current('Ready', `Revision ${ready} serves`);
};

/** Configuration, Route, Revision and the kinds below them. */
export const knativeKind: HealthRule = (object) => byConditions(object, ['Ready']) ?? current('Ready', 'It is ready');

function byConditions(object: Parameters<HealthRule>[0], types: readonly string[]): ReturnType<HealthRule> | undefined {
  if (numberAt(object, 'status', 'observedGeneration') === undefined) {
    return inProgress('NoObservedGeneration', 'The controller has not seen the object yet');
  }
  const conditions = types.map((type) => ({ type, condition: conditionOf(object['status'], type) }));
  for (const { condition } of conditions) {
    if (condition?.status === 'False') return failed(condition.reason || `${condition.type}False`, wordsOf(condition));
  }
  for (const { type, condition } of conditions) {
    if (!condition) return notReported(type);
    if (condition.status !== 'True') return inProgress(condition.reason || `Not${type}`, wordsOf(condition));
  }
  return undefined;
}
