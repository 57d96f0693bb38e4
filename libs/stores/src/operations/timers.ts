import { derivedId, type JsonObject } from '@waybill/kernel';
import type { Connection } from '../sqlite/database.js';
import { guarded } from '../sqlite/guarded.js';

export interface Timer {
  /** v5 of stream and due time: setting the same timer twice sets one. */
  readonly id: string;
  /** ISO 8601 instant with milliseconds, UTC. */
  readonly due: string;
  readonly stream: string;
  readonly payload: JsonObject;
}

/** What must happen at a time. A timer goes off at least once: its command is idempotent by the timer's id. */
export interface Timers {
  /** Returns the timer's id. */
  set(timer: Omit<Timer, 'id'>): Promise<string>;
  /** Earliest first. */
  due(now: string, limit?: number): Promise<readonly Timer[]>;
  /** When the next one is due, undefined when none is set. */
  next(): Promise<string | undefined>;
  done(id: string): Promise<void>;
}

export const timerId = (stream: string, due: string): string => derivedId('timer', stream, due);

export function createTimers(db: Connection): Timers {
  const run = guarded(db);
  const set = db.prepare('INSERT INTO timers (id, due, stream, payload) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING');
  const due = db.prepare<[string, number], Omit<Timer, 'payload'> & { payload: string }>(
    'SELECT id, due, stream, payload FROM timers WHERE due <= ? ORDER BY due, id LIMIT ?',
  );
  const next = db.prepare<[], string | null>('SELECT min(due) FROM timers').pluck();
  const done = db.prepare('DELETE FROM timers WHERE id = ?');
  return {
    set: (timer) =>
      run(() => {
        const id = timerId(timer.stream, timer.due);
        set.run(id, timer.due, timer.stream, JSON.stringify(timer.payload));
        return id;
      }),
    due: (now, limit = 100) =>
      run(() => due.all(now, limit).map((row) => ({ ...row, payload: JSON.parse(row.payload) as JsonObject }))),
    next: () => run(() => next.get() ?? undefined),
    done: (id) => run(() => void done.run(id)),
  };
}
