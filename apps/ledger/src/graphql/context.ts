import type { Principal } from '@waybill/stores';
import type { DeploymentRow, ReleaseRow } from '@waybill/views';
import DataLoader from 'dataloader';
import type { Asker } from '../access/asker.js';
import type { Parts } from '../parts.js';

/** What every resolver of one request has at hand: who asks, and one look for all that fields ask of the same kind. */
export interface GraphqlContext {
  readonly asker: Asker;
  readonly people: DataLoader<string, Principal | null>;
  readonly releases: DataLoader<string, ReleaseRow | null>;
  readonly deployments: DataLoader<string, DeploymentRow | null>;
}

export function createContext({ operations, views }: Parts, asker: Asker): GraphqlContext {
  return {
    asker,
    people: new DataLoader(async (ids: readonly string[]) => {
      const found = await operations.people.findAll(ids);
      return ids.map((id) => found.get(id) ?? null);
    }),
    releases: new DataLoader(async (ids: readonly string[]) =>
      (await views.releases.getMany(ids)).map((row) => row ?? null),
    ),
    deployments: new DataLoader(async (names: readonly string[]) =>
      (await views.deployments.getMany(names)).map((row) => row ?? null),
    ),
  };
}
