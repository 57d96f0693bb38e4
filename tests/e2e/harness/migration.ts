import type { Client } from '@waybill/example';
import { until } from './until.js';

export interface SeenMigration {
  readonly state: string;
  readonly to: string;
  readonly revertible: boolean;
  readonly environments: readonly { readonly from: string; readonly step: string; readonly message: string | null }[];
}

const SEEN = `state to revertible environments { from step message }`;

export async function readMigration(client: Client, location: string): Promise<SeenMigration | null> {
  const { migration } = await client.ask<{ migration: SeenMigration | null }>(
    `query Migration($location: String!) { migration(location: $location) { ${SEEN} } }`,
    { location },
  );
  return migration;
}

export function migrationWhen(
  client: Client,
  location: string,
  what: string,
  good: (migration: SeenMigration) => boolean,
): Promise<SeenMigration | null> {
  return until(
    `the migration of ${location} ${what}`,
    () => readMigration(client, location),
    (migration) => migration !== null && good(migration),
  );
}

export const completed = (client: Client, location: string): Promise<SeenMigration | null> =>
  migrationWhen(client, location, 'is completed', ({ state }) => state === 'completed');
