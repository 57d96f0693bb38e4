import { comparePositions, type Position } from '@waybill/kernel';
import { type Sql, one } from '../sql/sql.js';

/** How far each consumer of the log has come. A consumer's name never changes once it ran. */
export interface Checkpoints {
  /** Undefined: from the start. */
  read(name: string): Promise<Position | undefined>;
  /** Never goes back: a late save of an older position is ignored. */
  save(name: string, position: Position): Promise<void>;
  all(): Promise<Readonly<Record<string, Position>>>;
  /** Starts this consumer again from the beginning. */
  reset(name: string): Promise<void>;
}

export function createCheckpoints(sql: Sql): Checkpoints {
  async function read(name: string): Promise<Position | undefined> {
    return (await one<{ position: Position }>(sql, 'SELECT position FROM checkpoints WHERE name = ?', name))?.position;
  }
  return {
    read,
    async save(name, position) {
      for (;;) {
        const current = await read(name);
        if (current !== undefined && comparePositions(current, position) >= 0) return;
        const saved =
          current === undefined
            ? await sql.run(
                'INSERT INTO checkpoints (name, position) VALUES (?, ?) ON CONFLICT DO NOTHING',
                name,
                position,
              )
            : await sql.run(
                'UPDATE checkpoints SET position = ? WHERE name = ? AND position = ?',
                position,
                name,
                current,
              );
        if (saved > 0) return;
      }
    },
    async all() {
      const rows = await sql.all<{ name: string; position: Position }>('SELECT name, position FROM checkpoints');
      return Object.fromEntries(rows.map(({ name, position }) => [name, position]));
    },
    reset: async (name) => void (await sql.run('DELETE FROM checkpoints WHERE name = ?', name)),
  };
}
