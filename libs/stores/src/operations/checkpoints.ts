import { comparePositions, type Position } from '@waybill/kernel';
import type { Connection } from '../sqlite/database.js';
import { guarded } from '../sqlite/guarded.js';

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

export function createCheckpoints(db: Connection): Checkpoints {
  const run = guarded(db);
  const read = db.prepare<[string], Position>('SELECT position FROM checkpoints WHERE name = ?').pluck();
  const all = db.prepare<[], { name: string; position: Position }>('SELECT name, position FROM checkpoints');
  const reset = db.prepare('DELETE FROM checkpoints WHERE name = ?');
  const save = db.prepare(
    'INSERT INTO checkpoints (name, position) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET position = excluded.position',
  );
  return {
    read: (name) => run(() => read.get(name)),
    save: (name, position) =>
      run(() => {
        const current = read.get(name);
        if (current === undefined || comparePositions(current, position) < 0) save.run(name, position);
      }),
    all: () => run(() => Object.fromEntries(all.all().map(({ name, position }) => [name, position]))),
    reset: (name) => run(() => void reset.run(name)),
  };
}
