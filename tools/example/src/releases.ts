import { createHash } from 'node:crypto';
import type { Client } from './client.js';
import { commitOf } from './repositories.js';
import { stepId } from './steps.js';

export interface Sample {
  readonly kind: 'BRANCH' | 'TAG';
  readonly ref: string;
}

/** The refs of the reference example, in the order in which they are sent through. */
export const SAMPLES: readonly Sample[] = [
  { kind: 'BRANCH', ref: 'dev' },
  { kind: 'BRANCH', ref: 'feature-login' },
  { kind: 'BRANCH', ref: 'feature-pay' },
  { kind: 'BRANCH', ref: 'release-1.2' },
  { kind: 'BRANCH', ref: 'lt-3' },
  { kind: 'TAG', ref: 'v1.2.0' },
  { kind: 'BRANCH', ref: 'hotfix-x' },
];

export interface ExampleRelease {
  readonly id: string;
  readonly ref: string;
  readonly refKind: 'BRANCH' | 'TAG';
  readonly commit: string;
  readonly state: string;
  readonly reason: string;
  readonly slot: string | null;
  readonly durationMs: number | null;
  readonly rule: {
    readonly name: string;
    readonly pattern: string | null;
    readonly resources: readonly string[];
  } | null;
  readonly config: { readonly directory: string; readonly commit: string; readonly fallback: boolean } | null;
  readonly holds: readonly { readonly message: string; readonly frees: string }[];
  readonly locations: readonly {
    readonly location: string;
    readonly state: string;
    readonly generation: number | null;
    readonly message: string | null;
  }[];
  readonly deployments: readonly {
    readonly name: string;
    readonly location: string;
    readonly deliveredCommit: string | null;
  }[];
}

const RELEASE = `{
  id ref refKind commit state reason slot durationMs
  rule { name pattern resources }
  config { directory commit fallback }
  holds { message frees }
  locations { location state generation message }
  deployments { name location deliveredCommit }
}`;

/** Asks for the release of a sample; asking again gives the same release. */
export async function requestSample(
  client: Client,
  ledger: string,
  service: string,
  sample: Sample,
): Promise<ExampleRelease> {
  const { kind, ref } = sample;
  const commit = commitOf(service, kind === 'TAG' ? `refs/tags/${ref}` : `refs/heads/${ref}`);
  const answer = await client.ask<{ requestRelease: { release: ExampleRelease } }>(
    `mutation Request($input: RequestReleaseInput!) { requestRelease(input: $input) { release ${RELEASE} position } }`,
    {
      input: {
        project: 'a',
        ref: { kind, name: ref },
        commit,
        // Nothing is built here: the digest of the commit id stands in for that of an image.
        deliverable: { kind: 'image', image: 'registry.example/a', digest: `sha256:${sha256(commit)}` },
        trigger: 'push',
        pipelineId: `example-${commit.slice(0, 8)}`,
        jobId: 'release',
        attributes: { example: 'reference' },
        commandId: stepId(ledger, `release ${kind} ${ref}`),
      },
    },
  );
  return answer.requestRelease.release;
}

export async function readRelease(client: Client, id: string): Promise<ExampleRelease> {
  const { release } = await client.ask<{ release: ExampleRelease | null }>(
    `query Release($id: ID!) { release(id: $id) ${RELEASE} }`,
    { id },
  );
  if (!release) throw new Error(`the ledger lost release ${id}`);
  return release;
}

const GOING_ON = ['HELD', 'PREPARING', 'DEPLOYING'];

/** Waits until a release is done, or `timeoutMs` is over; gives its last state. */
export async function awaitRelease(client: Client, id: string, timeoutMs: number): Promise<ExampleRelease> {
  const deadline = Date.now() + timeoutMs;
  for (let pause = 50; ; pause = Math.min(pause * 1.5, 1000)) {
    const release = await readRelease(client, id);
    if (!GOING_ON.includes(release.state) || Date.now() > deadline) return release;
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
