import { canonicalText, sha256 } from '@waybill/kernel';
import { accessProjection } from './access/projection.js';
import type { principalTable, tokenTable } from './access/table.js';
import { deploymentProjection } from './deployments/projection.js';
import type { deploymentTable } from './deployments/table.js';
import { environmentProjection } from './environments/projection.js';
import type { environmentTable } from './environments/table.js';
import { incidentProjection } from './incidents/projection.js';
import type { incidentTable, incidentVersionTable } from './incidents/table.js';
import { locationProjection } from './locations/projection.js';
import type { locationTable, migrationTable, resourceTable } from './locations/table.js';
import { projectProjection } from './projects/projection.js';
import type { projectTable } from './projects/table.js';
import type { Projection } from './projection.js';
import { releaseProjection } from './releases/projection.js';
import type { releaseLocationTable, releaseTable } from './releases/table.js';
import { statisticsProjection } from './statistics/projection.js';
import type { factCommitTable, factProjectTable, factTable } from './statistics/table.js';
import type { StoredRowOf, Table } from './table.js';
import type { standingTable, versionTable } from './history/table.js';
import { historyProjection } from './history/versions.js';
import { searchProjection } from './search/projection.js';
import type { releaseTermTable } from './search/table.js';
import { timelineProjection } from './timeline/projection.js';
import type { timelineTable } from './timeline/table.js';

/** Every read model there is. */
export const projections: readonly Projection[] = [
  projectProjection,
  locationProjection,
  releaseProjection,
  environmentProjection,
  deploymentProjection,
  accessProjection,
  timelineProjection,
  statisticsProjection,
  incidentProjection,
  searchProjection,
  historyProjection,
];

export const tables: readonly Table[] = projections.flatMap((projection) => projection.tables);

/** The tables as Kysely sees them. */
export interface Schema {
  projects: StoredRowOf<typeof projectTable.columns>;
  locations: StoredRowOf<typeof locationTable.columns>;
  resources: StoredRowOf<typeof resourceTable.columns>;
  migrations: StoredRowOf<typeof migrationTable.columns>;
  releases: StoredRowOf<typeof releaseTable.columns>;
  release_locations: StoredRowOf<typeof releaseLocationTable.columns>;
  environments: StoredRowOf<typeof environmentTable.columns>;
  deployments: StoredRowOf<typeof deploymentTable.columns>;
  principals: StoredRowOf<typeof principalTable.columns>;
  tokens: StoredRowOf<typeof tokenTable.columns>;
  timeline: StoredRowOf<typeof timelineTable.columns>;
  facts: StoredRowOf<typeof factTable.columns>;
  fact_projects: StoredRowOf<typeof factProjectTable.columns>;
  fact_commits: StoredRowOf<typeof factCommitTable.columns>;
  incidents: StoredRowOf<typeof incidentTable.columns>;
  incident_versions: StoredRowOf<typeof incidentVersionTable.columns>;
  versions: StoredRowOf<typeof versionTable.columns>;
  standings: StoredRowOf<typeof standingTable.columns>;
  release_terms: StoredRowOf<typeof releaseTermTable.columns>;
}

/** Changes with any table or any projection's version: views of another hash are built anew. */
export const schemaHash = sha256(
  canonicalText(
    projections.map(({ name, version, tables: own }) => ({
      name,
      version,
      tables: own.map((table) => ({
        name: table.name,
        key: table.key,
        indexes: table.indexes,
        columns: Object.entries(table.columns).map(([column, { kind, nullable }]) => ({ column, kind, nullable })),
      })),
    })),
  ),
);
