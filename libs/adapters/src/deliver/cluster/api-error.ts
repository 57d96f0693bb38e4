import { type ErrorCode, WaybillError } from '@waybill/kernel';
import { type Json, listAt, numberAt, recordAt, textAt } from './json-fields.js';

/** One of the server's reasons, such as the field that it refuses. */
export interface ApiCause {
  /** Path into the object, such as `spec.replicas`; null where it is about the whole. */
  readonly field: string | null;
  readonly reason: string | null;
  readonly message: string;
}

export interface ApiFault {
  readonly code: ErrorCode;
  /** Status of the HTTP answer; null when none came. */
  readonly status: number | null;
  /** One word for machines: the server's own (`Conflict`, `Invalid`), or ours where no server spoke (`UnknownHost`). */
  readonly reason: string;
  /** The words of the server, or of the network; without what was asked. */
  readonly words: string;
  readonly retryable: boolean;
  readonly causes?: readonly ApiCause[];
  readonly retryAfterSeconds?: number | null;
  readonly hint?: string;
  readonly cause?: unknown;
}

/**
 * What the API server refused, or why it could not be asked. `retryable` tells a reconcile loop whether the same
 * request may work later without anyone changing the release: a lost connection or expired credentials may be mended
 * behind its back, a refused field is not.
 */
export class ApiError extends WaybillError {
  readonly status: number | null;
  readonly reason: string;
  readonly words: string;
  readonly causes: readonly ApiCause[];
  readonly retryable: boolean;
  /** Not to be tried again before so many seconds; null when the server did not say. */
  readonly retryAfterSeconds: number | null;

  constructor(what: string, fault: ApiFault) {
    super(fault.code, `${what}: ${fault.words}`, { hint: fault.hint, cause: fault.cause });
    this.name = 'ApiError';
    this.status = fault.status;
    this.reason = fault.reason;
    this.words = fault.words;
    this.causes = fault.causes ?? [];
    this.retryable = fault.retryable;
    this.retryAfterSeconds = fault.retryAfterSeconds ?? null;
  }
}

export function isApiError(error: unknown, reason?: string): error is ApiError {
  return error instanceof ApiError && (reason === undefined || error.reason === reason);
}

/** The kind is not served, now: its CustomResourceDefinition may be installed later. */
export function kindNotServed(what: string, apiVersion: string, kind: string): ApiError {
  return new ApiError(what, {
    code: 'NOT_FOUND',
    status: 404,
    reason: 'KindNotServed',
    words: `the cluster serves no ${kind} of ${apiVersion}`,
    retryable: true,
    hint: 'Install the CustomResourceDefinition, or take the object out of the release.',
  });
}

/** `metav1.Status` of an answer of 400 and more, or whatever a proxy in between answered. */
export function answeredError(what: string, status: number, retryAfter: string | undefined, body: string): ApiError {
  const answer = parsed(body);
  const told = recordAt(answer, 'details');
  const causes = listAt(told, 'causes').map((cause) => ({
    field: textAt(cause, 'field') ?? null,
    reason: textAt(cause, 'reason') ?? null,
    message: textAt(cause, 'message') ?? '',
  }));
  const words = textAt(answer, 'message') || body.trim().slice(0, 500) || `the server answered ${status}`;
  const reason = reasonOf(status, textAt(answer, 'reason'), causes, words);
  const seconds = Number(retryAfter ?? numberAt(told, 'retryAfterSeconds') ?? NaN);
  const hint = HINTS[reason] ?? HINTS[status];
  return new ApiError(what, {
    code: CODES[reason] ?? CODES[status] ?? (status < 500 && status !== 429 ? 'INVALID_INPUT' : 'CLUSTER_FAILED'),
    status,
    reason,
    words,
    causes,
    retryable: mayPass(status, reason),
    retryAfterSeconds: Number.isFinite(seconds) && seconds >= 0 ? seconds : null,
    ...(hint === undefined ? {} : { hint }),
  });
}

/** What went wrong before there was an answer. `server` is the address as people know it. */
export function networkError(what: string, server: string, error: unknown): ApiError {
  const { code = '', message = String(error) } = error as NodeJS.ErrnoException;
  const [reason, words, hint] = NETWORK.find(([, , , codes]) => codes.test(code)) ?? [
    'ConnectionFailed',
    'the connection failed',
    'See whether the API server runs and what stands between it and the operator.',
  ];
  return new ApiError(what, {
    code: reason === 'Timeout' ? 'TIMEOUT' : 'CLUSTER_FAILED',
    status: null,
    reason,
    words:
      reason === 'CredentialsFailed'
        ? `${words}: ${message.slice(0, 300)}`
        : `${words} at ${server} (${code || message})`,
    retryable: true,
    hint,
    cause: error,
  });
}

/** Of a request that took too long; Node has no code of its own for it. */
export class TimeoutError extends Error {
  readonly code = 'ETIMEDOUT';
}

const NETWORK: readonly (readonly [reason: string, words: string, hint: string, codes: RegExp])[] = [
  ['Refused', 'nothing listens', 'See whether the API server runs and whether its address is right.', /^ECONNREFUSED$/],
  ['UnknownHost', 'the host is unknown', 'See the address in the kubeconfig, and DNS.', /^(ENOTFOUND|EAI_AGAIN)$/],
  ['Unreachable', 'no way leads to the server', 'See the network and its policies.', /^(EHOST|ENET)(UNREACH|DOWN)$/],
  ['Timeout', 'no answer came in time', 'See whether the API server is overloaded or cut off.', /^ETIMEDOUT$/],
  [
    'ConnectionLost',
    'the connection was cut',
    'See whether the API server restarted.',
    /^(ECONNRESET|EPIPE|ECONNABORTED)$/,
  ],
  [
    'CertificateExpired',
    'the certificate has expired',
    'Renew the certificate of the API server.',
    /^CERT_HAS_EXPIRED$/,
  ],
  ['CertificateNotYetValid', 'the certificate is not valid yet', 'Compare the clocks.', /^CERT_NOT_YET_VALID$/],
  [
    'CertificateOfAnotherHost',
    'the certificate names another host',
    'Use a name that the certificate holds, or set `tls-server-name` in the kubeconfig.',
    /^ERR_TLS_CERT_ALTNAME_INVALID$/,
  ],
  [
    'CertificateUntrusted',
    'the certificate is of an authority that is not trusted',
    'Put the authority of the API server into the kubeconfig (`certificate-authority-data`).',
    /(^UNABLE_TO_|SELF_SIGNED_CERT|^CERT_(UNTRUSTED|SIGNATURE_FAILURE|REJECTED)$)/,
  ],
  [
    'TlsFailed',
    'no TLS connection came about',
    'See whether an API server with TLS listens there.',
    /^(ERR_SSL|EPROTO|ERR_TLS)/,
  ],
  [
    'CredentialsFailed',
    'the credentials could not be had',
    'Run the command of the kubeconfig by hand.',
    /^CREDENTIALS$/,
  ],
];

const CODES: Readonly<Record<string, ErrorCode>> = {
  400: 'INVALID_INPUT',
  401: 'UNAUTHENTICATED',
  403: 'FORBIDDEN',
  404: 'NOT_FOUND',
  409: 'REVISION_CONFLICT',
  413: 'CONTENT_TOO_LARGE',
  422: 'INVALID_INPUT',
  504: 'TIMEOUT',
  AlreadyExists: 'ALREADY_EXISTS',
  InvalidPatch: 'INVALID_INPUT',
};

const HINTS: Readonly<Record<string, string>> = {
  401: 'The token or certificate is no longer accepted: give the operator new credentials.',
  403: 'Give the operator the right, or see which admission rule or quota refused it.',
  NamespaceTerminating: 'The namespace is being deleted: wait until it is gone, then create it again.',
  InvalidPatch: 'Correct the manifest: the kind has no such field in this version, or takes another type there.',
};

/** The server's word for it; finer where a reconcile loop must tell apart what shares a status. */
function reasonOf(status: number, told: string | undefined, causes: readonly ApiCause[], words: string): string {
  if (status === 500 && OF_THE_SCHEMA.test(words)) return 'InvalidPatch';
  if (causes.some(({ reason }) => reason === 'NamespaceTerminating')) return 'NamespaceTerminating';
  if (told) return told;
  return status === 404 ? 'NotFound' : `Status${status}`;
}

/** A typed patch that the schema refuses comes as 500 although no repeat will help. */
const OF_THE_SCHEMA =
  /field not declared in schema|failed to create (manager for existing fields|typed)|\.spec\S*: expected /;

function mayPass(status: number, reason: string): boolean {
  switch (status) {
    case 401:
    case 408:
    case 410:
    case 425:
    case 429:
      return true;
    case 403:
      return reason === 'NamespaceTerminating';
    case 409:
      return reason !== 'AlreadyExists';
    default:
      return status >= 500 && status !== 501 && reason !== 'InvalidPatch';
  }
}

function parsed(body: string): Json {
  try {
    return JSON.parse(body) as Json;
  } catch {
    return undefined;
  }
}
