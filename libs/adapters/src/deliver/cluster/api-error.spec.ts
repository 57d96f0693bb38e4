import { describe, expect, it } from '@jest/globals';
import { answeredError, networkError } from './api-error.js';

describe('classes of faults', () => {
  const status = (code: number, reason: string, message = '', causes: object[] = []) =>
    answeredError('get x', code, undefined, JSON.stringify({ reason, message, details: { causes } }));

  it.each([
    [401, 'Unauthorized', true, 'UNAUTHENTICATED'],
    [403, 'Forbidden', false, 'FORBIDDEN'],
    [404, 'NotFound', false, 'NOT_FOUND'],
    [409, 'Conflict', true, 'REVISION_CONFLICT'],
    [409, 'AlreadyExists', false, 'ALREADY_EXISTS'],
    [410, 'Expired', true, 'INVALID_INPUT'],
    [413, 'RequestEntityTooLarge', false, 'CONTENT_TOO_LARGE'],
    [422, 'Invalid', false, 'INVALID_INPUT'],
    [429, 'TooManyRequests', true, 'CLUSTER_FAILED'],
    [500, 'InternalError', true, 'CLUSTER_FAILED'],
    [503, 'ServiceUnavailable', true, 'CLUSTER_FAILED'],
    [504, 'Timeout', true, 'TIMEOUT'],
  ] as const)('%i %s', (code, reason, retryable, of) => {
    expect(status(code, reason)).toMatchObject({ status: code, reason, retryable, code: of });
  });

  it.each([
    ['ECONNREFUSED', 'Refused'],
    ['ENOTFOUND', 'UnknownHost'],
    ['EHOSTUNREACH', 'Unreachable'],
    ['ECONNRESET', 'ConnectionLost'],
    ['CERT_HAS_EXPIRED', 'CertificateExpired'],
    ['CERT_NOT_YET_VALID', 'CertificateNotYetValid'],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'CertificateUntrusted'],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'CertificateUntrusted'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'CertificateOfAnotherHost'],
    ['ERR_SSL_WRONG_VERSION_NUMBER', 'TlsFailed'],
    ['ANYTHING', 'ConnectionFailed'],
  ])('%s', (code, reason) => {
    const error = networkError('get x', 'https://api:6443', Object.assign(new Error('no'), { code }));
    expect(error).toMatchObject({ status: null, reason, retryable: true, hint: expect.any(String) });
    expect(error.message).toContain('https://api:6443');
  });
});

describe('the words of the server', () => {
  it('are kept, with what they are about', () => {
    const body = JSON.stringify({
      kind: 'Status',
      reason: 'Invalid',
      message: 'Deployment.apps "web" is invalid: spec.replicas: Invalid value: -1',
      details: { causes: [{ reason: 'FieldValueInvalid', field: 'spec.replicas', message: 'Invalid value: -1' }] },
    });
    expect(answeredError('apply apps/v1 Deployment shop/web', 422, undefined, body)).toMatchObject({
      message: 'apply apps/v1 Deployment shop/web: Deployment.apps "web" is invalid: spec.replicas: Invalid value: -1',
      words: 'Deployment.apps "web" is invalid: spec.replicas: Invalid value: -1',
      causes: [{ field: 'spec.replicas', reason: 'FieldValueInvalid', message: 'Invalid value: -1' }],
    });
  });

  it('are final when the schema refuses a patch, although the status says that the server is at fault', () => {
    const body = JSON.stringify({
      message: 'failed to create typed patch object: .spec.x: field not declared in schema',
    });
    expect(answeredError('x', 500, undefined, body)).toMatchObject({ reason: 'InvalidPatch', retryable: false });
  });

  it('may be those of a proxy', () => {
    expect(answeredError('x', 502, undefined, '<html>Bad Gateway</html>')).toMatchObject({
      reason: 'Status502',
      words: '<html>Bad Gateway</html>',
      retryable: true,
    });
  });
});
