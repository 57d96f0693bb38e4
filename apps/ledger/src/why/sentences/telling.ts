import { type EnvironmentId, environmentName } from '@waybill/domain';
import { type Actor, assertNever } from '@waybill/kernel';

/** What the sentences need beside the event. */
export interface Telling {
  readonly actor: Actor;
  /** How a person or a service is called; its opaque id when that is not known or was erased. */
  readonly nameOf: (id: string) => string;
  /** What a person wrote, by its digest; undefined when it was erased. */
  readonly wordsOf: (digest: string) => string | undefined;
}

export function whoOf({ kind, id }: Actor, nameOf: Telling['nameOf']): string {
  switch (kind) {
    case 'person':
    case 'service':
      return nameOf(id);
    case 'policy':
      return `The policy ${id}`;
    case 'operator':
      return `The operator of ${id}`;
    case 'system':
      return 'Waybill';
    default:
      return assertNever(kind);
  }
}

/** What a person wrote, quoted; empty when nothing was written or it was erased. */
export function inWords({ wordsOf }: Telling, digest: string | null): string {
  const words = digest === null ? undefined : wordsOf(digest);
  return words === undefined ? '' : `: "${words.replace(/\s+/g, ' ').trim()}"`;
}

export const deploymentOf = (data: { environment: EnvironmentId; generation: number }): string =>
  `Generation ${data.generation} of ${environmentName(data.environment)}`;

export const short = (id: string): string => id.slice(0, 8);
export const stripped = (text: string): string => text.replace(/[.\s]+$/, '');
export const count = (n: number, what: string): string => `${n} ${what}${n === 1 ? '' : 's'}`;
