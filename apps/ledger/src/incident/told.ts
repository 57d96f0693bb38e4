/** An incident as something outside tells of it, whole: opened, and resolved when it is. */
export interface Told {
  readonly project: string | null;
  /** `<project>.<slot>@<location>`. */
  readonly environment: string | null;
  /** What it is called there. */
  readonly key: string;
  /** ISO 8601 with milliseconds; null when only its end is told. */
  readonly openedAt: string | null;
  readonly resolvedAt: string | null;
  readonly severity: string | null;
  readonly summary: string | null;
  readonly url: string | null;
  /** Id of a release. */
  readonly cause: string | null;
  readonly fixedBy: string | null;
}
