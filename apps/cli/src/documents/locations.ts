import type { Connection } from '../ledger/pages.js';

export interface DeadLetter {
  readonly id: string;
  readonly at: string;
  readonly reason: string;
  readonly message: string;
  readonly topic: string;
  readonly partition: number;
  readonly offset: string;
  readonly key: string | null;
  readonly value: string | null;
  readonly bytes: number;
}

export const DEAD_LETTERS = `query DeadLetters {
  deadLetters { id at reason message topic partition offset key value bytes }
}`;
export interface DeadLettersAnswer {
  readonly deadLetters: readonly DeadLetter[];
}

export const RETRY_DEAD_LETTER = `mutation RetryDeadLetter($id: ID!) { retryDeadLetter(id: $id) }`;
export interface RetryDeadLetterAnswer {
  readonly retryDeadLetter: string;
}

export interface Resource {
  readonly key: string;
  readonly kind: string;
  readonly location: string;
  readonly parameters: Record<string, unknown>;
  readonly connection: string | null;
  readonly retired: boolean;
}

export interface Location {
  readonly key: string;
  readonly delivery: { readonly kind: string; readonly repository?: string; readonly branch?: string };
  readonly retired: boolean;
  readonly resources: readonly Resource[];
  readonly operator: {
    readonly epoch: number;
    readonly software: string;
    readonly version: string | null;
    readonly connectedAt: string;
    readonly silent: boolean;
    readonly silentSince: string | null;
    readonly capabilities: readonly string[];
  } | null;
}

const RESOURCE = `key kind location parameters connection retired`;
const LOCATION = `key delivery retired
  resources { ${RESOURCE} }
  operator { epoch software version connectedAt silent silentSince capabilities }`;

export const LOCATIONS = `query Locations($first: Int, $after: String) {
  locations(first: $first, after: $after) {
    nodes { ${LOCATION} }
    pageInfo { hasNextPage endCursor }
    totalCount
  }
}`;
export interface LocationsAnswer {
  readonly locations: Connection<Location>;
}

export const LOCATION_BY_KEY = `query Location($key: String!) { location(key: $key) { ${LOCATION} } }`;
export interface LocationAnswer {
  readonly location: Location | null;
}

export const RESOURCES = `query Resources($first: Int, $after: String, $location: String, $kind: String) {
  resources(first: $first, after: $after, location: $location, kind: $kind) {
    nodes { ${RESOURCE} }
    pageInfo { hasNextPage endCursor }
    totalCount
  }
}`;
export interface ResourcesAnswer {
  readonly resources: Connection<Resource>;
}

const payload = `{ location { ${LOCATION} } position }`;
export interface LocationPayload {
  readonly location: Location;
  readonly position: string | null;
}

export const ONBOARD_LOCATION = `mutation OnboardLocation($input: LocationInput!) { onboardLocation(input: $input) ${payload} }`;
export const CHANGE_LOCATION = `mutation ChangeLocation($input: LocationInput!) { changeLocation(input: $input) ${payload} }`;
export const RETIRE_LOCATION = `mutation RetireLocation($input: RetireLocationInput!) { retireLocation(input: $input) ${payload} }`;
export const ONBOARD_RESOURCE = `mutation OnboardResource($input: ResourceInput!) { onboardResource(input: $input) ${payload} }`;
export const CHANGE_RESOURCE = `mutation ChangeResource($input: ResourceInput!) { changeResource(input: $input) ${payload} }`;
export const RETIRE_RESOURCE = `mutation RetireResource($input: RetireResourceInput!) { retireResource(input: $input) ${payload} }`;
