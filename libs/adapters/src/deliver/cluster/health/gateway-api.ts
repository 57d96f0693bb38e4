import type { JsonValue } from '@waybill/kernel';
import type { Health, LiveObject } from '../cluster.js';
import { type Json, listAt, numberAt, textAt, valueAt } from '../json-fields.js';
import { conditionOf, conditionsOf, isStale, notReported, stale, wordsOf } from './conditions.js';
import { type HealthRule, current, failed, inProgress } from './verdict.js';

/** A route serves when every parent that it wants has taken it, for this generation. */
export const route: HealthRule = (object) => {
  const wanted = listAt(object, 'spec', 'parentRefs');
  const verdicts = wanted.map((parent) => ofParent(object, parent));
  const worst =
    verdicts.find(({ status }) => status === 'failed') ?? verdicts.find(({ status }) => status !== 'current');
  return worst ?? current('Accepted', wanted.length === 0 ? 'It names no parent' : `${wanted.length} parents took it`);
};

function ofParent(object: LiveObject, wanted: JsonValue): Health {
  const name = nameOfParent(object, wanted);
  const told = listAt(object, 'status', 'parents').filter(
    (entry) => nameOfParent(object, valueAt(entry, 'parentRef')) === name,
  );
  if (told.length === 0) return inProgress('ParentNotReported', `${name} has said nothing about the route`);
  // More than one controller may speak for one parent; all must agree.
  const verdicts = told.map((entry) => ofEntry(object, entry, name));
  return verdicts.find(({ status }) => status !== 'current') ?? verdicts[0]!;
}

function ofEntry({ metadata }: LiveObject, entry: JsonValue, name: string): Health {
  for (const condition of conditionsOf(entry)) {
    if (isStale(condition, metadata.generation)) return stale(condition, metadata.generation);
  }
  const accepted = conditionOf(entry, 'Accepted');
  const resolved = conditionOf(entry, 'ResolvedRefs');
  if (accepted?.status === 'False' && accepted.reason !== 'Pending') {
    return failed(accepted.reason || 'NotAccepted', `${name}: ${wordsOf(accepted)}`);
  }
  if (resolved?.status === 'False') {
    // The Service may come right after the route, or its controller may not have seen it yet.
    const verdict = resolved.reason === 'BackendNotFound' ? inProgress : failed;
    return verdict(resolved.reason || 'RefsNotResolved', `${name}: ${wordsOf(resolved)}`);
  }
  for (const [type, condition] of [
    ['Accepted', accepted],
    ['ResolvedRefs', resolved],
  ] as const) {
    if (!condition) return notReported(type);
    if (condition.status !== 'True')
      return inProgress(condition.reason || `Not${type}`, `${name}: ${wordsOf(condition)}`);
  }
  const programmed = conditionOf(entry, 'Programmed');
  if (programmed && programmed.status !== 'True') {
    return inProgress(programmed.reason || 'NotProgrammed', `${name}: ${wordsOf(programmed)}`);
  }
  return current('Accepted', `${name} took it`);
}

/** With the defaults of the API written out, so that both sides of a comparison say the same. */
function nameOfParent({ metadata }: LiveObject, parent: Json): string {
  const group = textAt(parent, 'group') ?? 'gateway.networking.k8s.io';
  const kind = textAt(parent, 'kind') ?? 'Gateway';
  const namespace = textAt(parent, 'namespace') ?? metadata.namespace ?? 'default';
  const section = textAt(parent, 'sectionName');
  const port = numberAt(parent, 'port');
  const name = `${group === 'gateway.networking.k8s.io' ? '' : `${group}/`}${kind} ${namespace}/${textAt(parent, 'name') ?? ''}`;
  return `${name}${section === undefined ? '' : ` ${section}`}${port === undefined ? '' : ` :${port}`}`;
}

/** Gateway: taken, and programmed into whatever serves it. */
export const gateway: HealthRule = (object) => byTypes(object, ['Accepted', 'Programmed']);

export const gatewayClass: HealthRule = (object) => byTypes(object, ['Accepted']);

function byTypes(object: LiveObject, types: readonly string[]): Health {
  const { generation } = object.metadata;
  for (const type of types) {
    const condition = conditionOf(object['status'], type);
    if (!condition) return notReported(type);
    if (isStale(condition, generation)) return stale(condition, generation);
    if (condition.status === 'True') continue;
    // The CRD itself writes `Unknown` with the reason `Pending` until a controller speaks.
    const final = type === 'Accepted' && condition.status === 'False' && condition.reason !== 'Pending';
    return (final ? failed : inProgress)(condition.reason || `Not${type}`, wordsOf(condition));
  }
  return current(types.at(-1)!, `It is ${types.join(' and ')}`);
}
