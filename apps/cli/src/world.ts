/** What a command may touch outside itself: given by `main`, replaced by specs. */
export interface World {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Data: what another program reads. */
  readonly out: (text: string) => void;
  /** Words: what a person reads. */
  readonly err: (text: string) => void;
  readonly outIsTerminal: boolean;
  readonly errIsTerminal: boolean;
  readonly inIsTerminal: boolean;
  /** Columns of the terminal; undefined off a terminal, where nothing is cut. */
  readonly width: number | undefined;
  readonly readStdin: () => Promise<string>;
  /** Standard input as it comes: for what may not fit into memory. */
  readonly stdin: () => AsyncIterable<Buffer>;
  /** Bytes of data; resolves when more may be written. */
  readonly outBytes: (bytes: Buffer) => Promise<void>;
  /** Asks a person one line on the terminal. */
  readonly askLine: (question: string) => Promise<string>;
  readonly now: () => number;
  readonly wait: (ms: number) => Promise<void>;
  /** What the process ends with unless an error says otherwise. */
  readonly endWith: (code: number) => void;
}
