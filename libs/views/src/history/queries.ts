import type { Read } from '../reading.js';
import { estateHistory, type EstateHistory } from './estate.js';
import { positionAt } from './moment.js';
import { placeHistory, type PlaceHistory } from './places.js';
import { projectHistory, type ProjectHistory } from './projects.js';

/** Answers as of an earlier time. */
export interface HistoryQueries extends ProjectHistory, PlaceHistory, EstateHistory {
  /** Position of the newest event that was recorded at the instant or before; -1 when there was none. */
  positionAt(instant: string): Promise<number>;
}

export function historyQueries(read: Read): HistoryQueries {
  return {
    positionAt: (instant) => read((db) => positionAt(db, instant)),
    ...projectHistory(read),
    ...placeHistory(read),
    ...estateHistory(read),
  };
}
