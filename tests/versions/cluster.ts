import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { request } from 'node:https';
import type { ClusterPaths, StartedKubernetes } from '../../tools/servers/for-specs.js';

/** Rejects with what kubectl wrote to stderr. */
export function kubectlOn({ kubectl, kubeconfig }: ClusterPaths) {
  return (args: string[], input?: object[]): Promise<string> =>
    new Promise((resolve, reject) => {
      const child = execFile(kubectl, ['--kubeconfig', kubeconfig, ...args], (error, stdout, stderr) =>
        error ? reject(new Error(stderr || error.message)) : resolve(stdout),
      );
      child.stdin?.end(input?.map((object) => JSON.stringify(object)).join('\n---\n'));
    });
}

export const apply = (cluster: ClusterPaths, ...objects: object[]): Promise<string> =>
  kubectlOn(cluster)(['apply', '--server-side', '-f', '-'], objects);

export async function read<T>(cluster: ClusterPaths, path: string): Promise<T> {
  return JSON.parse(await kubectlOn(cluster)(['get', '--raw', path])) as T;
}

/** As the admin, with a body or a header that kubectl would not send. */
export function ask(
  cluster: Pick<StartedKubernetes, 'url' | 'caFile' | 'kubeconfig'>,
  path: string,
  { accept = 'application/json', body }: { accept?: string; body?: object } = {},
): Promise<{ status: number | undefined; body: Record<string, unknown> }> {
  const { users } = JSON.parse(readFileSync(cluster.kubeconfig, 'utf8')) as { users: { user: { token: string } }[] };
  const headers = {
    accept,
    'content-type': 'application/json',
    authorization: `Bearer ${users[0]?.user.token}`,
  };
  const method = body ? 'POST' : 'GET';
  return new Promise((resolve, reject) => {
    const call = request(`${cluster.url}${path}`, { method, headers, ca: readFileSync(cluster.caFile) }, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (part: string) => (text += part));
      answer.once('end', () => {
        // What no handler takes is answered with plain text.
        const json = answer.headers['content-type']?.startsWith('application/json');
        resolve({ status: answer.statusCode, body: json ? (JSON.parse(text) as Record<string, unknown>) : { text } });
      });
    });
    call.once('error', reject).end(body && JSON.stringify(body));
  });
}

/** Replicas of the image on the simulated node. */
export function deployment(name: string, track: string, replicas = 1): object {
  const labels = { app: name, track };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: `${name}-${track}`, namespace: 'default' },
    spec: {
      replicas,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name, image: `registry.test/${name}:1` }] } },
    },
  };
}
