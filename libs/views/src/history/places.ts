import type { Kysely } from 'kysely';
import type { LocationRow, ResourceFilter, ResourceRow } from '../locations/queries.js';
import type { OperatorRow } from '../locations/table.js';
import { decodeCursor, listFingerprint, pageOf, pageSize, type Page, type PageRequest } from '../paging.js';
import { groupedBy, type Read } from '../reading.js';
import type { Schema } from '../schema.js';
import { decodeRow } from '../table.js';
import { heldAt, type Moment } from './moment.js';
import { versionTable } from './table.js';

export interface PlaceHistory {
  locationAt(key: string, moment: Moment): Promise<LocationRow | undefined>;
  /** By key. */
  locationsAt(moment: Moment, request: PageRequest): Promise<Page<LocationRow>>;
  /** By key and location. */
  resourcesAt(moment: Moment, request: PageRequest & ResourceFilter): Promise<Page<ResourceRow>>;
}

const PRESET = 50;

type Operator = OperatorRow & { readonly silentSince: string | null };

export function placeHistory(read: Read): PlaceHistory {
  return {
    locationAt: (key, moment) =>
      read(async (db) => (await locations(db, moment)).find((location) => location.key === key)),
    locationsAt: (moment, { first, after }) =>
      read(async (db) =>
        page(await locations(db, moment), ({ key }) => key, listFingerprint('locations-at', moment), first, after),
      ),
    resourcesAt: (moment, { location = null, kind = null, first, after }) =>
      read(async (db) => {
        const all = (await locations(db, moment)).flatMap(({ resources }) => resources);
        const wanted = all
          .filter((resource) => location === null || resource.location === location)
          .filter((resource) => kind === null || resource.kind === kind)
          .map((resource) => ({ id: `${resource.key}@${resource.location}`, resource }))
          .sort((a, b) => (a.id < b.id ? -1 : 1));
        const fingerprint = listFingerprint('resources-at', { moment, location, kind });
        const found = page(wanted, ({ id }) => id, fingerprint, first, after);
        return {
          ...found,
          nodes: found.nodes.map(({ resource }) => resource),
          edges: found.edges.map(({ cursor, node }) => ({ cursor, node: node.resource })),
        };
      }),
  };
}

/** There are some hundred places at most: all of them are read, and pages are cut from that. */
async function locations(db: Kysely<Schema>, moment: Moment): Promise<readonly LocationRow[]> {
  const rows = await db
    .selectFrom('versions')
    .selectAll()
    .where('kind', 'in', ['location', 'resource'])
    .where(heldAt('versions', moment))
    .orderBy('subject')
    .execute();
  const versions = rows.map((row) => decodeRow(versionTable, row));
  const resources = groupedBy(
    versions.flatMap(({ part, value }) => (part === 'resource' ? [value as ResourceRow] : [])),
    (resource) => resource.location,
  );
  const operators = new Map(
    versions.flatMap(({ part, subject, value }) => (part === 'operator' ? [[subject, value as Operator]] : [])),
  );
  return versions.flatMap(({ part, subject: key, value }) => {
    if (part !== 'delivery') return [];
    const { delivery, retired } = value as Pick<LocationRow, 'delivery' | 'retired'>;
    const operator = operators.get(key);
    return {
      key,
      delivery,
      retired,
      operator: operator ? { ...operator, silent: operator.silentSince !== null } : null,
      resources: (resources.get(key) ?? []).map((resource) => ({ ...resource, retired: resource.retired || retired })),
    };
  });
}

function page<Node>(
  all: readonly Node[],
  keyOf: (node: Node) => string,
  fingerprint: string,
  first: number | null | undefined,
  after: string | null | undefined,
): Page<Node> {
  const size = pageSize(first, PRESET);
  const behind = after == null ? '' : decodeCursor(fingerprint, 'string', after);
  const items = all.filter((node) => keyOf(node) > behind).slice(0, size + 1);
  return pageOf(
    items.map((node) => ({ key: keyOf(node), node })),
    { fingerprint, size, after: after != null, totalCount: all.length },
  );
}
