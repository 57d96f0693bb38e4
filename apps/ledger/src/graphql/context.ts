import type { Principal } from '@waybill/stores';
import { type RecordedEvent, canonicalText } from '@waybill/kernel';
import type { DeploymentRow, IncidentRow, MetadataAtRevision, Moment, ReleaseRow } from '@waybill/views';
import DataLoader from 'dataloader';
import type { Asker } from '../access/asker.js';
import type { Parts } from '../parts.js';
import { wordsOf } from '../release/words.js';

/** What every resolver of one request has at hand: who asks, and one look for all that fields ask of the same kind. */
export interface GraphqlContext {
  readonly asker: Asker;
  readonly people: DataLoader<string, Principal | null>;
  readonly releases: DataLoader<string, ReleaseRow | null>;
  readonly deployments: DataLoader<string, DeploymentRow | null>;
  /** As they stood at a moment; null before they were asked for. */
  readonly deploymentsAt: DataLoader<DeploymentAt, DeploymentRow | null, string>;
  /** By release, oldest first. */
  readonly deploymentsOf: DataLoader<string, readonly DeploymentRow[]>;
  /** By the release that caused them, newest first. */
  readonly incidentsOf: DataLoader<string, readonly IncidentRow[]>;
  /** All events of a stream. */
  readonly streams: DataLoader<string, readonly RecordedEvent[]>;
  /** Of the blob store, by digest; null when it was erased. */
  readonly contents: DataLoader<string, string | null>;
  /** What each role had submitted when the project's stream was at a revision. */
  readonly metadata: DataLoader<MetadataKey, MetadataAtRevision, string>;
}

interface DeploymentAt {
  readonly name: string;
  readonly moment: Moment;
}

interface MetadataKey {
  readonly project: string;
  readonly revision: number;
}

export function createContext({ operations, views, store, blobs }: Parts, asker: Asker): GraphqlContext {
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
    deploymentsAt: new DataLoader<DeploymentAt, DeploymentRow | null, string>(
      async (keys) => {
        const moments = new Map(keys.map(({ moment }) => [canonicalText(moment), moment]));
        const found = new Map<string, DeploymentRow | undefined>();
        for (const [text, moment] of moments) {
          const names = keys.flatMap((key) => (canonicalText(key.moment) === text ? key.name : []));
          const rows = await views.history.deploymentsAt(names, moment);
          names.forEach((name, index) => found.set(`${name} ${text}`, rows[index]));
        }
        return keys.map(({ name, moment }) => found.get(`${name} ${canonicalText(moment)}`) ?? null);
      },
      { cacheKeyFn: ({ name, moment }) => `${name} ${canonicalText(moment)}` },
    ),
    deploymentsOf: new DataLoader((releases: readonly string[]) => views.deployments.ofReleases(releases)),
    incidentsOf: new DataLoader((releases: readonly string[]) => views.incidents.ofCauses(releases)),
    streams: new DataLoader((names: readonly string[]) => Promise.all(names.map((name) => store.readStream(name)))),
    contents: new DataLoader((digests: readonly string[]) =>
      Promise.all(digests.map((digest) => wordsOf(blobs, digest))),
    ),
    metadata: new DataLoader<MetadataKey, MetadataAtRevision, string>(
      (keys) => Promise.all(keys.map(({ project, revision }) => views.history.metadataAt(project, revision))),
      { cacheKeyFn: ({ project, revision }) => `${project} ${revision}` },
    ),
  };
}
