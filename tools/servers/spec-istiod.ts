import { execFile, spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import type { ClusterPaths } from './spec-cluster.js';
import { type Faults, faults, startProgram } from './spec-program.js';

const run = promisify(execFile);

export interface StartedIstiod extends Faults {
  /** `host:port` of xDS, without TLS. */
  address: string;
  /** Path of the program that asks there: tools/servers/xds/main.go. */
  xds: string;
  logFile: string;
  /** Ends it and removes what it had on this machine; what it wrote into the cluster stays there. */
  stop(): Promise<void>;
}

/** Starts Istio's own control plane on a cluster. Rejects with one sentence when it is not installed. */
export async function startIstiod({ kubeconfig, kubectl }: ClusterPaths): Promise<StartedIstiod> {
  type Told = Pick<StartedIstiod, 'address' | 'xds' | 'logFile'>;
  const { told, call, stop } = await startProgram<Told>('istiod', { kubeconfig, kubectl });
  return { ...told, ...faults(call, ''), stop };
}

export interface XdsQuestion {
  /** Names of route configurations: the port of plain HTTP inside the mesh, `80` when left out. */
  routes?: string[];
  /** Of the sidecar that asks; `default` when left out. */
  namespace?: string;
}

/** What a sidecar is told. */
export interface XdsAnswer {
  /** When it was told, ISO 8601 with milliseconds. */
  at: string;
  /** Routes in order, by virtual host, such as `web.default.svc.cluster.local:80`. */
  hosts: Record<string, XdsRoute[]>;
  /** How many healthy endpoints each cluster has. */
  endpoints: Record<string, number>;
}

export interface XdsRoute {
  /** Such as `prefix /`. */
  match: string;
  /** Weights by cluster, such as `outbound|80|blue|web.default.svc.cluster.local`; 100 for one that is alone. */
  clusters: Record<string, number>;
}

/** Asks once. Rejects with the program's words when there is no answer. */
export async function askXds(
  istiod: Pick<StartedIstiod, 'address' | 'xds'>,
  question?: XdsQuestion,
): Promise<XdsAnswer> {
  const { stdout } = await run(istiod.xds, flags(istiod, question));
  return JSON.parse(stdout) as XdsAnswer;
}

export interface XdsWatch {
  /** Every state that the sidecar was told of, the first included. */
  readonly seen: readonly XdsAnswer[];
  /** Each time that the connection was lost; it is made anew. */
  readonly losses: readonly { at: string; lost: string }[];
  /** Resolves with the first state, of those seen and to come, that is so; rejects when there is none in time. */
  until(what: string, isSo: (answer: XdsAnswer) => boolean, timeoutMs?: number): Promise<XdsAnswer>;
  /** Ends it, and resolves with `seen`. */
  stop(): Promise<readonly XdsAnswer[]>;
}

/** Keeps a stream open, and resolves once the first state is known; it ends with this process. */
export async function watchXds(
  istiod: Pick<StartedIstiod, 'address' | 'xds'>,
  question?: XdsQuestion,
): Promise<XdsWatch> {
  const child = spawn(istiod.xds, ['--watch', ...flags(istiod, question)], { stdio: ['pipe', 'pipe', 'inherit'] });
  const seen: XdsAnswer[] = [];
  const losses: { at: string; lost: string }[] = [];
  const changes = new EventEmitter();
  createInterface({ input: child.stdout }).on('line', (line) => {
    const told = JSON.parse(line) as XdsAnswer | { at: string; lost: string };
    if ('lost' in told) losses.push(told);
    else seen.push(told);
    changes.emit('change');
  });
  const ended = once(child, 'exit');
  const watch: XdsWatch = {
    seen,
    losses,
    async until(what, isSo, timeoutMs = 20_000) {
      const signal = AbortSignal.timeout(timeoutMs);
      for (;;) {
        const found = seen.find(isSo);
        if (found) return found;
        await once(changes, 'change', { signal }).catch(() => {
          const last = JSON.stringify(seen.at(-1) ?? losses.at(-1));
          throw new Error(`not told that ${what} within ${timeoutMs / 1000} s; the last was ${last}`);
        });
      }
    },
    async stop() {
      child.stdin.end();
      await ended;
      return seen;
    },
  };
  await watch.until('there are routes', () => true);
  return watch;
}

/**
 * Weights of a host by subset, `''` for a cluster without; of its first route, or of the one with that match. None when it
 * does not route the host.
 */
export function weightsOf(answer: XdsAnswer, host: string, match?: string): Record<string, number> {
  return Object.fromEntries(
    Object.entries(clustersOf(answer, host, match)).map(([cluster, weight]) => [cluster.split('|')[2] ?? '', weight]),
  );
}

/** How much of a host's traffic goes where at least one endpoint is healthy, 0 to 100. */
export function reachable(answer: XdsAnswer, host: string, match?: string): number {
  const clusters = Object.entries(clustersOf(answer, host, match));
  const whole = clusters.reduce((sum, [, weight]) => sum + weight, 0);
  const served = clusters.filter(([cluster]) => (answer.endpoints[cluster] ?? 0) > 0);
  return whole === 0 ? 0 : (100 * served.reduce((sum, [, weight]) => sum + weight, 0)) / whole;
}

function clustersOf(answer: XdsAnswer, host: string, match?: string): Record<string, number> {
  const routes = answer.hosts[host] ?? [];
  return routes.find((route) => match === undefined || route.match === match)?.clusters ?? {};
}

function flags(
  { address }: { address: string },
  { routes = ['80'], namespace = 'default' }: XdsQuestion = {},
): string[] {
  return ['--address', address, '--namespace', namespace, '--route', routes.join()];
}
