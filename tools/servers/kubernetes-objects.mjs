import { readFileSync } from 'node:fs';
import { request } from 'node:https';

/** A node that places no limit on a test: 5,000 pods. */
export function node(name) {
  const room = { cpu: '1000', memory: '1Ti', pods: '5000' };
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, labels: { 'kubernetes.io/hostname': name, 'kubernetes.io/os': 'linux', type: 'kwok' } },
    status: { allocatable: room, capacity: room },
  };
}

/** JSON, which every reader of kubeconfig takes: it is YAML as well. */
export function kubeconfigText({ url, caFile, user, token }) {
  const name = 'waybill-test';
  return JSON.stringify(
    {
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [{ name, cluster: { server: url, 'certificate-authority': caFile } }],
      users: [{ name: user, user: { token } }],
      contexts: [{ name, context: { cluster: name, user } }],
      'current-context': name,
    },
    undefined,
    2,
  );
}

/** Asks the API server; the certificate it made for itself is read at each call, for it is made while it starts. */
export function apiClient({ url, caFile, token }) {
  return (path, { method = 'GET', body, signal } = {}) =>
    new Promise((done, fail) => {
      const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
      const call = request(`${url}${path}`, { method, headers, ca: readFileSync(caFile), signal }, (answer) => {
        let text = '';
        answer.setEncoding('utf8').on('data', (part) => (text += part));
        answer.once('end', () => done({ status: answer.statusCode, body: parsed(text) })).once('error', fail);
      });
      call.once('error', fail);
      call.end(body === undefined ? undefined : JSON.stringify(body));
    });
}

/** The health pages answer with plain text. */
function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
