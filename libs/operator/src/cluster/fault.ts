import { ApiError, RejectedError } from '@waybill/adapters';
import { machineText } from '@waybill/domain';
import { WaybillError } from '@waybill/kernel';

export interface Fault {
  /** One word for machines. */
  readonly reason: string;
  /** For people: the server's own words. */
  readonly message: string;
  /**
   * `stale`: we had not seen the newest, look again at once. `passes`: it says nothing about the release, try for as
   * long as it takes. `bounded`: somebody has to mend it, and until the deadline there is hope. `final`: never.
   */
  readonly verdict: 'stale' | 'passes' | 'bounded' | 'final';
  readonly retryAfterMs: number;
}

/** So often a copy may be told to be old although reading it again shows nothing new: something else refuses then. */
export const STALE_TRIES = 4;

/** What an error means for the release at hand. A fault that nobody foresaw passes: it must not end a deployment. */
export function faultOf(error: unknown): Fault {
  if (error instanceof RejectedError) {
    const { reason, message, hint } = error;
    return fault(reason, hint === undefined ? message : `${message}. ${hint}`, 'final');
  }
  if (error instanceof HeldUpError) return fault(error.reason, error.message, 'bounded');
  if (error instanceof ApiError) return ofServer(error);
  const reason = error instanceof WaybillError ? camelCase(error.code) : 'Unexpected';
  return fault(reason, error instanceof Error ? error.message : String(error), 'passes');
}

function ofServer(error: ApiError): Fault {
  const { reason, verdict } = REASONS.find(({ of }) => of(error)) ?? {
    reason: error.reason,
    verdict: error.retryable ? ('passes' as const) : ('final' as const),
  };
  return fault(reason, error.message, verdict, (error.retryAfterSeconds ?? 0) * 1000);
}

interface Meaning {
  readonly of: (error: ApiError) => boolean;
  readonly reason: string;
  readonly verdict: Fault['verdict'];
}

/** First match wins. The API server has one status for many faults: its words tell them apart. */
const REASONS: readonly Meaning[] = [
  {
    reason: 'Conflict',
    verdict: 'stale',
    of: ({ status, reason }) => status === 409 && reason !== 'NamespaceTerminating',
  },
  { reason: 'NamespaceTerminating', verdict: 'bounded', of: ({ reason }) => reason === 'NamespaceTerminating' },
  { reason: 'KindNotServed', verdict: 'bounded', of: ({ reason }) => reason === 'KindNotServed' },
  {
    reason: 'NamespaceNotFound',
    verdict: 'bounded',
    of: ({ status, words }) => status === 404 && /^namespaces "[^"]*" not found/.test(words),
  },
  {
    // etcd's own limit and that of the call to it (etcd `--max-request-bytes`): answered as a fault of the server's.
    reason: 'TooLarge',
    verdict: 'final',
    of: ({ words }) => /etcdserver: request is too large|message larger than max/.test(words),
  },
  // What was to be written in place of something is not there any more.
  { reason: 'NotFound', verdict: 'stale', of: ({ status }) => status === 404 },
  { reason: 'Unauthorized', verdict: 'passes', of: ({ status }) => status === 401 },
  {
    reason: 'QuotaExceeded',
    verdict: 'bounded',
    of: ({ status, words }) => status === 403 && /exceeded quota/.test(words),
  },
  {
    reason: 'AdmissionDenied',
    verdict: 'final',
    of: ({ status, words }) =>
      status !== null &&
      status < 500 &&
      /admission webhook .* denied|violates PodSecurity|Policy '.*' .*denied/.test(words),
  },
  // A right that is missing may be given.
  { reason: 'Forbidden', verdict: 'bounded', of: ({ status }) => status === 403 },
];

const fault = (reason: string, message: string, verdict: Fault['verdict'], retryAfterMs = 0): Fault => ({
  reason: reason.slice(0, 100),
  message: machineText(message),
  verdict,
  retryAfterMs,
});

/** `STORE_UNAVAILABLE` as a condition's reason. */
const camelCase = (code: string): string =>
  code.toLowerCase().replace(/(?:^|_)([a-z])/g, (_, letter: string) => letter.toUpperCase());

/** Whether a write that ended so may have been done: the request was sent, and no answer says that it was refused. */
export function mayHaveBeenDone(error: unknown): boolean {
  if (!(error instanceof ApiError)) return true;
  if (error.status !== null) return error.status >= 500;
  return !NEVER_SENT.test(error.reason);
}

const NEVER_SENT = /^(Refused|UnknownHost|Unreachable|Certificate.*|TlsFailed|CredentialsFailed)$/;

/** It cannot go on until somebody else has done something, and there is hope. */
export class HeldUpError extends Error {
  readonly reason: string;
  constructor(reason: string, message: string) {
    super(message);
    this.name = 'HeldUpError';
    this.reason = reason;
  }
}

/** A newer generation is there: what belongs to an older one is no longer written. */
export class SupersededError extends Error {
  constructor(name: string) {
    super(`${name} has a newer generation`);
    this.name = 'SupersededError';
  }
}

/** The lease may be somebody else's by now: nothing is written. */
export class LostLeaseError extends Error {
  constructor() {
    super('The lease is not certain to be ours any more');
    this.name = 'LostLeaseError';
  }
}

/** Whether a plan was refused because of what the cluster serves now, which may change behind everybody's back. */
export const isOfTheCluster = (reason: string): boolean =>
  reason === 'NoTranslation' || reason === 'UnsupportedCapability';
