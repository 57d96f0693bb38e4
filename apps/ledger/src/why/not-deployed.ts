import { type BranchRule, explainMatch } from '@waybill/domain';
import type { RecordedEvent } from '@waybill/kernel';
import type { ReleaseRow } from '@waybill/views';
import { type PrincipalRef, optionalPrincipal, principalRef } from '../access/principal.js';
import { eventAt } from '../events/reading.js';
import { type EventAnswer, toEvent } from '../events/mapping.js';
import type * as Api from '../graphql.gen.js';
import type { GraphqlContext } from '../graphql/context.js';
import type { Parts } from '../parts.js';
import { toRelease } from '../release/mapping.js';

/** What every reason tells. */
interface Told {
  readonly message: string;
  /** Null when it is of the release as a whole. */
  readonly location: string | null;
  readonly event: EventAnswer | null;
}

/** Why a release is not deployed; `__typename` is that of the API. */
export type Reason = Told &
  (
    | {
        readonly __typename: 'NoRuleMatched';
        readonly closest: string | null;
        readonly rulesRevision: number | null;
        readonly explanations: readonly Api.RuleExplanation[];
      }
    | {
        readonly __typename: 'HeldBack';
        readonly holds: readonly Api.Hold[];
        readonly waitsFor: readonly PrincipalRef[];
        readonly roles: readonly Api.Role[];
      }
    | { readonly __typename: 'RefusedByApprover'; readonly by: PrincipalRef | null; readonly reason: string | null }
    | {
        readonly __typename: 'CancelledBefore';
        readonly by: PrincipalRef | null;
        readonly cause: string | null;
        readonly reason: string | null;
      }
    | {
        readonly __typename: 'SupersededBefore';
        readonly byRelease: string | null;
        readonly byGeneration: number | null;
      }
    | {
        readonly __typename: 'RefusedByCluster';
        readonly outcome: string;
        readonly reason: string | null;
        readonly words: string | null;
        readonly deployment: string | null;
      }
    | { readonly __typename: 'StageNotStarted'; readonly earlier: readonly string[] }
    | { readonly __typename: 'NotPlannedThere'; readonly planned: readonly string[] }
    | { readonly __typename: 'StillUnderWay' }
    | { readonly __typename: 'NeverAsked'; readonly explanations: readonly Api.RuleExplanation[] }
  );

type Reading = Pick<Parts, 'store' | 'views'>;
type Loaders = Pick<GraphqlContext, 'streams'>;

/** Why a release is not deployed, or not in one location; empty when it was. */
export async function reasonsOf(
  parts: Reading,
  { streams }: Loaders,
  row: ReleaseRow,
  location: string | null,
): Promise<readonly Reason[]> {
  const events = await streams.load(`release-${row.id}`);
  const last = (type: string): RecordedEvent | undefined => events.findLast((event) => event.type === type);
  const whole = (type: string): Told => {
    const event = last(type);
    return { message: row.reason, location: null, event: event ? toEvent(event) : null };
  };
  switch (row.state) {
    case 'UNMATCHED':
      return [await unmatched(parts, row, whole('BranchUnmatched'), last('BranchUnmatched'))];
    case 'HELD':
      return [{ __typename: 'HeldBack', ...whole('ReleaseHeld'), ...heldBy(row) }];
    case 'REFUSED': {
      const { endedBy, endReason: reason } = row;
      return [{ __typename: 'RefusedByApprover', ...whole('ReleaseRefused'), by: optionalPrincipal(endedBy), reason }];
    }
    case 'PREPARING':
      return [{ __typename: 'StillUnderWay', ...whole(events.at(-1)?.type ?? '') }];
    case 'CANCELLED':
    case 'DEPLOYING':
    case 'COMPLETED':
    case 'FAILED':
    case 'SUPERSEDED':
      return inLocations(parts, row, events, location);
  }
}

async function unmatched(
  { views }: Reading,
  { project, ref, refKind, rulesRevision }: ReleaseRow,
  told: Told,
  event: RecordedEvent | undefined,
): Promise<Reason> {
  const rules = rulesRevision === null ? [] : await views.history.rulesAt(project, rulesRevision);
  const closest = typeof event?.data['closest'] === 'string' ? event.data['closest'] : null;
  const more = closest === null ? '' : ` ${closest} came closest.`;
  return {
    __typename: 'NoRuleMatched',
    ...told,
    message: told.message + more,
    closest,
    rulesRevision,
    explanations: explained(rules, { kind: refKind, name: ref }),
  };
}

/** What each rule says to a ref that none of them takes. */
export const explained = (
  rules: readonly BranchRule[],
  ref: { readonly kind: 'branch' | 'tag'; readonly name: string },
): readonly Api.RuleExplanation[] => explainMatch(rules, ref);

function heldBy(row: ReleaseRow): Pick<Extract<Reason, { __typename: 'HeldBack' }>, 'holds' | 'waitsFor' | 'roles'> {
  const waitsFor = row.holds.flatMap(({ details }) => (details.kind === 'approval-pending' ? details.approvers : []));
  const roles = row.holds.flatMap(({ details }): Api.Role[] => {
    switch (details.kind) {
      case 'missing-metadata':
        return [details.section];
      case 'awaiting-deliverable':
      case 'awaiting-config':
      case 'config':
        return ['developer'];
      case 'resource-unavailable':
        return ['devops'];
      case 'approval-pending':
      case 'window-closed':
        return [];
    }
  });
  return {
    holds: toRelease(row).holds,
    waitsFor: [...new Set(waitsFor)].map(principalRef),
    roles: [...new Set(roles)],
  };
}

async function inLocations(
  parts: Reading,
  row: ReleaseRow,
  events: readonly RecordedEvent[],
  only: string | null,
): Promise<readonly Reason[]> {
  if (only !== null && row.locations.every(({ location }) => location !== only)) {
    const planned = row.locations.map(({ location }) => location);
    if (planned.length === 0) return cancelled(row, events, null);
    const message = `Rule ${row.rule?.name ?? ''} deploys to ${planned.join(', ')}, not to ${only}.`;
    return [{ __typename: 'NotPlannedThere', message, location: only, event: null, planned }];
  }
  const wanted = row.locations.filter(({ location }) => only === null || location === only);
  if (wanted.length === 0) return cancelled(row, events, null);
  const reasons: Reason[] = [];
  for (const one of wanted) reasons.push(...(await inLocation(parts, row, events, one)));
  return reasons;
}

async function inLocation(
  parts: Reading,
  row: ReleaseRow,
  events: readonly RecordedEvent[],
  { location, state, stage, generation, message }: ReleaseRow['locations'][number],
): Promise<readonly Reason[]> {
  const environment = `${row.project}.${row.slot ?? ''}@${location}`;
  const concluded = events.findLast((it) => it.type === 'LocationConcluded' && it.data['location'] === location);
  const cause = concluded && (await causeOf(parts, concluded));
  const told = (sentence: string): Told => {
    const event = cause ?? concluded;
    return { message: sentence, location, event: event ? toEvent(event) : null };
  };
  switch (state) {
    case 'healthy':
    case 'delivered':
      return [];
    case 'superseded': {
      const newer = newerThan(cause);
      const by = newer.byRelease === null ? 'something newer' : `release ${newer.byRelease.slice(0, 8)}`;
      const as = newer.byGeneration === null ? '' : `, generation ${newer.byGeneration}`;
      return [
        {
          __typename: 'SupersededBefore',
          ...told(`${environment} has ${by}${as}, which was asked for later.`),
          ...newer,
        },
      ];
    }
    case 'failed':
    case 'rejected': {
      const reason = typeof cause?.data['reason'] === 'string' ? cause.data['reason'] : null;
      const words = typeof cause?.data['message'] === 'string' ? cause.data['message'] : message;
      const how = state === 'rejected' ? 'was rejected, and nothing was changed' : 'failed';
      return [
        {
          __typename: 'RefusedByCluster',
          ...told(`The deployment to ${location} ${how}: ${words ?? 'no reason was given'}`),
          outcome: state,
          reason,
          words,
          deployment: generation === null ? null : `${environment}.${generation}`,
        },
      ];
    }
    case 'cancelled':
    case 'pending': {
      if (row.state === 'CANCELLED') return cancelled(row, events, location);
      const earlier = row.locations.filter((it) => it.stage < stage && !isGood(it.state)).map((it) => it.location);
      const sentence = `Stage ${stage + 1} was not started: ${earlier.join(', ')} of an earlier stage did not succeed${state === 'pending' ? ' yet' : ''}.`;
      return [{ __typename: 'StageNotStarted', ...told(sentence), earlier }];
    }
    case 'deploying':
    case 'waiting':
      return [{ __typename: 'StillUnderWay', ...told(row.reason) }];
  }
}

function cancelled(row: ReleaseRow, events: readonly RecordedEvent[], location: string | null): readonly Reason[] {
  const event = events.findLast(({ type }) => type === 'ReleaseCancelled');
  const { endedBy, cancelCause: cause, endReason: reason } = row;
  const told = { message: row.reason, location, event: event ? toEvent(event) : null };
  return [{ __typename: 'CancelledBefore', ...told, by: optionalPrincipal(endedBy), cause, reason }];
}

const isGood = (state: string): boolean => state === 'healthy' || state === 'delivered';

async function causeOf({ store, views }: Reading, event: RecordedEvent): Promise<RecordedEvent | undefined> {
  const entry = await views.timeline.byId(event.causationId);
  return entry && eventAt(store, entry);
}

/** A refusal names what was there already; else the cause is that the operator took a newer generation up. */
function newerThan(cause: RecordedEvent | undefined): { byRelease: string | null; byGeneration: number | null } {
  const refused = cause?.data['supersededBy'] as { release: string; generation: number } | null | undefined;
  if (refused) return { byRelease: refused.release, byGeneration: refused.generation };
  const release = cause?.data['release'];
  const generation = cause?.data['generation'];
  return {
    byRelease: typeof release === 'string' ? release : null,
    byGeneration: typeof generation === 'number' ? generation : null,
  };
}
