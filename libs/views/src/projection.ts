import type { Event, RecordedEvent } from '@waybill/kernel';
import type {
  AccessEvent,
  DeploymentEvent,
  EnvironmentEvent,
  IncidentEvent,
  LocationEvent,
  ProjectEvent,
  ReleaseEvent,
} from '@waybill/domain';
import type { Columns, RowOf, Table } from './table.js';

/** An event in its newest version with the envelope it was recorded in. */
export type Fact<E extends Event = Event> = E & Omit<RecordedEvent, 'type' | 'data'>;

/** Events of the streams that views know, by category. */
export interface EventsByCategory {
  readonly project: ProjectEvent;
  readonly location: LocationEvent;
  readonly release: ReleaseEvent;
  readonly environment: EnvironmentEvent;
  readonly deployment: DeploymentEvent;
  readonly incident: IncidentEvent;
  readonly access: AccessEvent;
}

/** The rows of one table while a batch is projected. Rows are never changed in place: `put` a new one. */
export interface TableRows<Row> {
  /** The row as the events so far left it. Throws for a key that `touches` did not announce. */
  get(key: string): Row | undefined;
  put(row: Row): void;
  /** Replaces the named fields of a row that exists; does nothing when it does not. */
  change(key: string, changes: (row: Row) => Partial<Row> | undefined): void;
}

export interface Rows {
  of<C extends Columns>(table: Table<C>): TableRows<RowOf<C>>;
}

/** Announces rows, so that all rows a batch needs are read before its first event is projected. */
export type Announce = (table: Table, key: string) => void;

export interface Handler<E extends Event> {
  /** Names the rows that `project` reads or changes. Rows it only ever puts whole need no naming. */
  touches(event: Fact<E>, announce: Announce): void;
  /** Exhaustive over the events of its stream. */
  project(event: Fact<E>, rows: Rows): void;
}

/**
 * One read model: its tables and how events change their rows. Pure: rows depend on the events alone, so a rebuild
 * gives the same rows, bit for bit.
 */
export interface Projection {
  readonly name: string;
  /** Raise it when the same events shall give other rows: views rebuild themselves at the next start. */
  readonly version: number;
  readonly tables: readonly Table[];
  readonly on: { readonly [Category in keyof EventsByCategory]?: Handler<EventsByCategory[Category]> };
  /** Sees every event, of known streams or not, before the handlers do. */
  readonly onEvery?: (event: RecordedEvent, rows: Rows) => void;
}
