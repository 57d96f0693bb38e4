import {
  mkdirSync,
  openSync,
  closeSync,
  fsyncSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';

/** Which of the numbered files are the live views, and the hash of the tables in them. */
export interface Pointer {
  readonly current: number;
  readonly schema: string;
}

const POINTER = 'views.json';
const VIEWS_FILE = /^views-(\d+)\.sqlite(-wal|-shm|-journal)?$/;

/** The folder of the views: `views-<n>.sqlite` and `views.json`, which names the live one. */
export interface ViewsFolder {
  file(number: number): string;
  /** Undefined when there is none, or none that can be read: views are built anew then. */
  pointer(): Pointer | undefined;
  /** Makes a file the live one: readers of the folder see the old pointer or the new one, never half of it. */
  point(pointer: Pointer): void;
  /** A number that no file in the folder has, nor had when it was the live one. */
  nextNumber(): number;
  remove(number: number): void;
  /** Removes what an interrupted rebuild left. */
  removeAllBut(number: number): void;
}

export function viewsFolder(folder: string): ViewsFolder {
  mkdirSync(folder, { recursive: true });
  const path = (name: string): string => join(folder, name);
  const numbers = (): number[] => readdirSync(folder).flatMap((name) => Number(VIEWS_FILE.exec(name)?.[1] ?? []));
  const remove = (number: number): void => {
    for (const suffix of ['', '-wal', '-shm', '-journal']) {
      rmSync(path(`views-${number}.sqlite${suffix}`), { force: true });
    }
  };
  const pointer = (): Pointer | undefined => {
    try {
      const parsed: unknown = JSON.parse(readFileSync(path(POINTER), 'utf8'));
      return isPointer(parsed) ? parsed : undefined;
    } catch {
      return undefined;
    }
  };
  return {
    file: (number) => path(`views-${number}.sqlite`),
    pointer,
    point(next) {
      const draft = path(`${POINTER}.new`);
      const descriptor = openSync(draft, 'w');
      try {
        writeSync(descriptor, `${JSON.stringify(next)}\n`);
        fsyncSync(descriptor);
      } finally {
        closeSync(descriptor);
      }
      renameSync(draft, path(POINTER));
    },
    nextNumber: () => Math.max(0, pointer()?.current ?? 0, ...numbers()) + 1,
    remove,
    removeAllBut(number) {
      for (const other of new Set(numbers())) if (other !== number) remove(other);
    },
  };
}

function isPointer(value: unknown): value is Pointer {
  return (
    typeof value === 'object' &&
    value !== null &&
    'current' in value &&
    Number.isSafeInteger(value.current) &&
    'schema' in value &&
    typeof value.schema === 'string'
  );
}
