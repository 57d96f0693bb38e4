export interface MigratingEnvironment {
  readonly project: string;
  readonly slot: string;
  readonly from: string;
  readonly to: string;
  readonly step: string;
  readonly message: string | null;
  readonly cutOverAt: string | null;
}

export interface Migration {
  readonly location: string;
  readonly number: number;
  readonly to: string;
  readonly state: string;
  readonly resources: readonly { readonly from: string; readonly to: string; readonly kind: string }[];
  readonly removal: { readonly when: string; readonly seconds: number | null };
  readonly revertible: boolean;
  readonly startedAt: string;
  readonly finishedAt: string | null;
  readonly environments: readonly MigratingEnvironment[];
}

export interface MigrationPlan {
  readonly location: string;
  readonly to: string;
  readonly resources: readonly { readonly from: string; readonly to: string; readonly kind: string }[];
  readonly problems: readonly { readonly field: string; readonly message: string }[];
  readonly environments: readonly { readonly from: string; readonly to: string; readonly problem: string | null }[];
}

const MIGRATION = `location number to state resources { from to kind } removal { when seconds } revertible
  startedAt finishedAt environments { project slot from to step message cutOverAt }`;
const payload = `{ migration { ${MIGRATION} } position }`;

export const MIGRATION_OF = `query Migration($location: String!) { migration(location: $location) { ${MIGRATION} } }`;
export interface MigrationAnswer {
  readonly migration: Migration | null;
}

export const MIGRATION_PLAN = `query MigrationPlan($input: MigrationPlanInput!) { migrationPlan(input: $input) {
  location to resources { from to kind } problems { field message } environments { from to problem }
} }`;
export interface MigrationPlanAnswer {
  readonly migrationPlan: MigrationPlan;
}

export interface MigrationPayload {
  readonly migration: Migration;
  readonly position: string | null;
}

export const MIGRATE_LOCATION = `mutation MigrateLocation($input: MigrateLocationInput!) { migrateLocation(input: $input) ${payload} }`;
export const STOP_MIGRATION = `mutation StopMigration($input: MigrationActionInput!) { stopMigration(input: $input) ${payload} }`;
export const RESUME_MIGRATION = `mutation ResumeMigration($input: MigrationActionInput!) { resumeMigration(input: $input) ${payload} }`;
export const REMOVE_MIGRATED = `mutation RemoveMigrated($input: MigrationActionInput!) { removeMigrated(input: $input) ${payload} }`;
export const REVERT_MIGRATION = `mutation RevertMigration($input: MigrationActionInput!) { revertMigration(input: $input) ${payload} }`;
