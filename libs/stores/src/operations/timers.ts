import { derivedId, type JsonObject } from '@waybill/kernel';
import { type Sql, one } from '../sql/sql.js';

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

export const createTimers = (sql: Sql): Timers => ({
  async set({ stream, due, payload }) {
    const id = timerId(stream, due);
    await sql.run(
      'INSERT INTO timers (id, due, stream, payload) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING',
      id,
      due,
      stream,
      JSON.stringify(payload),
    );
    return id;
  },
  async due(now, limit = 100) {
    const rows = await sql.all<Omit<Timer, 'payload'> & { payload: string }>(
      'SELECT id, due, stream, payload FROM timers WHERE due <= ? ORDER BY due, id LIMIT ?',
      now,
      limit,
    );
    return rows.map((row) => ({ ...row, payload: JSON.parse(row.payload) as JsonObject }));
  },
  next: async () => (await one<{ due: string | null }>(sql, 'SELECT min(due) AS due FROM timers'))?.due ?? undefined,
  done: async (id) => void (await sql.run('DELETE FROM timers WHERE id = ?', id)),
});
