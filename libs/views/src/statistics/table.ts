import { defineTable, integer, oneOf, optionalInteger, optionalJson, optionalText, text } from '../table.js';

/** What a fact is about. Each has measures of its own; dimensions are the same for all. */
export type FactKind = 'release' | 'deployment' | 'drift';

/** What whoever asked knows of the change: its attributes `committedAt`, `openedAt`, `mergedAt` (ISO 8601 instants). */
export interface ChangeTimes {
  /** When its first commit was made. */
  readonly committedAt: string | null;
  /** When its pull request was opened. */
  readonly openedAt: string | null;
  readonly mergedAt: string | null;
}

/**
 * One row a release, a deployment, a drift: what it is counted by (`null`: not known, or none of it), how long it took,
 * and what was done. Questions are answered from memory (`facts.ts`), which is read from here.
 */
export const factTable = defineTable({
  name: 'facts',
  key: 'key',
  columns: {
    /** Id of the release, name of the deployment, or `drift:` and the event's id. */
    key: text(),
    kind: oneOf<FactKind>(),
    /** Position of the event that began it. */
    position: integer(),
    /** Position of the last event that changed this row: what memory reads anew. */
    changed: integer(),
    /** When it began, in quarters of an hour since the epoch. */
    quarter: integer(),
    project: text(),
    /** As it stood when the release was asked for. */
    productLine: optionalText(),
    refKind: optionalText(),
    tier: optionalText(),
    /** Who asked. */
    person: optionalText(),
    /** Roles under which it was asked for, sorted, with commas between; so are the lists below. */
    roles: optionalText(),
    team: optionalText(),
    pipeline: optionalText(),
    via: optionalText(),
    trigger: optionalText(),
    locations: optionalText(),
    kinds: optionalText(),
    outcome: text(),
    failure: optionalText(),
    /** Milliseconds. */
    held: optionalInteger(),
    approval: optionalInteger(),
    lead: optionalInteger(),
    rollout: optionalInteger(),
    apply: optionalInteger(),
    heal: optionalInteger(),
    holds: integer(),
    adapted: integer(),
    applied: integer(),
    rolledOut: integer(),
    pruned: integer(),
    shifted: integer(),
    delayed: integer(),
    /** Of releases, for DORA's metrics: where it goes, what it brings, and by which events that is known. */
    slot: optionalText(),
    commit: optionalText(),
    reuses: optionalText(),
    change: optionalJson<ChangeTimes>(),
    /** When a release of this commit was first asked for, wherever it went. */
    seenAt: optionalText(),
    seenEvent: optionalText(),
    begunEvent: optionalText(),
    endedAt: optionalText(),
    endedEvent: optionalText(),
    /** For the projection only. */
    begunAt: text(),
    heldSince: optionalText(),
    approvalSince: optionalText(),
    /** Kinds by location of a release: `dev=istio,kubernetes;prod1=kubernetes`. */
    kindsAt: optionalText(),
    /** Id, position and time of the drift that stands, with spaces between. */
    openDrift: optionalText(),
  },
  indexes: [{ columns: ['position'], unique: true }, { columns: ['changed'] }, { columns: ['tier', 'endedAt'] }],
});

/** What a project's next facts are counted by. */
export const factProjectTable = defineTable({
  name: 'fact_projects',
  key: 'project',
  columns: { project: text(), productLine: text() },
});

/** Commits by `<project>:<commit>`, with the first release of each. */
export const factCommitTable = defineTable({
  name: 'fact_commits',
  key: 'key',
  columns: { key: text(), at: text(), event: text() },
});
