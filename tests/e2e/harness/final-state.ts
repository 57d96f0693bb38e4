import { type Client, deliveryPath, LOCATIONS } from '@waybill/example';
import { join } from 'node:path';
import { filesAt, git, tip } from './git.js';
import { environmentsOf } from './releases.js';

/** What the reference example is to end in, however often it was interrupted: nothing in it depends on time or ids. */
export interface FinalState {
  readonly releases: readonly {
    ref: string;
    state: string;
    rule: string | null;
    slot: string | null;
    locations: string[];
  }[];
  readonly environments: readonly {
    name: string;
    state: string;
    generation: number;
    commit: string | null;
    digest: string | null;
  }[];
  /** By location: the files that stand there without what names a release, and how many commits made them. */
  readonly deliveries: Readonly<Record<string, { files: Record<string, string>; commits: number }>>;
}

export async function finalStateOf(client: Client, data: string): Promise<FinalState> {
  const { releases } = await client.ask<{
    releases: {
      nodes: {
        ref: string;
        state: string;
        slot: string | null;
        rule: { name: string } | null;
        locations: { location: string; state: string; generation: number | null }[];
      }[];
    };
  }>(
    `query Releases { releases(first: 100, filter: { project: "a" }) { nodes {
      ref state slot rule { name } locations { location state generation }
    } } }`,
  );
  const environments = await environmentsOf(client, 'a', true);
  return {
    releases: releases.nodes
      .map(({ ref, state, rule, slot, locations }) => ({
        ref,
        state,
        rule: rule?.name ?? null,
        slot,
        locations: locations.map((row) => `${row.location} ${row.state} ${row.generation}`).sort(),
      }))
      .sort((a, b) => (a.ref < b.ref ? -1 : 1)),
    environments: environments
      .map(({ name, state, generation, current }) => ({
        name,
        state,
        generation,
        commit: current?.commit ?? null,
        digest: current?.deliverable?.digest ?? null,
      }))
      .sort((a, b) => (a.name < b.name ? -1 : 1)),
    deliveries: Object.fromEntries(
      LOCATIONS.map((location) => {
        const repository = deliveryPath(join(data, 'example'), location);
        const commits = tip(repository) === null ? 0 : Number(git(repository, 'rev-list', '--count', 'main'));
        const files = Object.entries(filesAt(repository)).filter(([path]) => path.endsWith('.yaml'));
        return [
          location,
          { files: Object.fromEntries(files.map(([path, text]) => [path, withoutIds(text)])), commits },
        ];
      }),
    ),
  };
}

/** Release ids come from the ledger's own id, which each ledger has of its own. */
const withoutIds = (text: string): string => text.replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, '<id>');
