/** What is wrong with an archive, in one word. docs/evidence.md says when each is found. */
export type ProblemKind =
  /** The text of an event is not what it was. */
  | 'changed'
  /** An event is missing. */
  | 'removed'
  /** An event stands here that the ledger did not write. */
  | 'inserted'
  /** An event does not stand where the ledger wrote it. */
  | 'reordered'
  /** A line is none of an archive's. */
  | 'broken'
  /** A checkpoint or the word for a new key is not signed by the key that it names, or contradicts itself. */
  | 'forged'
  /** The archive ends too early. */
  | 'cut'
  /** The tree of a checkpoint is not the one of the events before it, and the archive does not tell which event it is. */
  | 'altered'
  /** The archive is not the history that the checkpoint given was signed for. */
  | 'other-history'
  | 'other-ledger'
  | 'wrong-key'
  /** No checkpoint of the key stands in the archive. */
  | 'unsealed';

export interface Problem {
  readonly kind: ProblemKind;
  /** Line of the archive, from 1; null when it is not about one. */
  readonly line: number | null;
  /** Of the first event at fault; null when it cannot be told. */
  readonly stream: string | null;
  readonly revision: number | null;
  /** One sentence. */
  readonly message: string;
}
