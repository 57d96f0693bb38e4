import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { ROOT } from '../e2e/harness/ledger-process.js';

export interface OperatorProcess {
  readonly url: string;
  /** What it wrote to stderr. */
  readonly lines: readonly string[];
  /** The exit code. */
  signal(signal: 'SIGINT' | 'SIGKILL'): Promise<number | null>;
}

const MAIN = join(ROOT, 'apps/operator/dist/main.js');

interface TestKubernetes {
  readonly kubeconfig: string;
  readonly operatorKubeconfig: string;
  readonly kubectl: string;
}

export const kubernetes = JSON.parse(process.env['WAYBILL_TEST_KUBERNETES'] ?? '{}') as TestKubernetes;

/** As the cluster's administrator. */
export const kubectl = (args: readonly string[], input?: string): string =>
  execFileSync(kubernetes.kubectl, ['--kubeconfig', kubernetes.kubeconfig, ...args], {
    encoding: 'utf8',
    ...(input !== undefined && { input }),
  });

/** Installs what the operator itself prints, for the user that stands for its service account here. */
export function installOperator(namespace: string): void {
  const manifests = execFileSync(process.execPath, [MAIN, '--print-manifests', '--namespace', namespace], {
    encoding: 'utf8',
  });
  kubectl(['apply', '--server-side', '--force-conflicts', '-f', '-'], manifests);
  // Here it runs as a process of its own; in the cluster it would run beside itself.
  kubectl(['delete', 'deployment', 'waybill-operator', '-n', namespace]);
  const group = '--group=waybill:operators';
  kubectl(['create', 'rolebinding', 'operators', '-n', namespace, '--role=waybill-operator', group]);
  kubectl(['create', 'clusterrolebinding', `operators-${namespace}`, '--clusterrole=waybill-operator', group]);
}

export async function startOperator(options: Readonly<Record<string, string>>): Promise<OperatorProcess> {
  const flags = Object.entries({ kubeconfig: kubernetes.operatorKubeconfig, listen: '127.0.0.1:0', ...options });
  const child: ChildProcess = spawn(
    process.execPath,
    [MAIN, ...flags.flatMap(([name, value]) => [`--${name}`, value])],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  const lines: string[] = [];
  createInterface({ input: child.stderr! }).on('line', (line) => lines.push(line));
  const [said] = (await once(createInterface({ input: child.stdout! }), 'line')) as [string];
  return {
    url: said.split(' ').at(-1)!,
    lines,
    async signal(signal) {
      if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
      const ended = once(child, 'exit');
      child.kill(signal);
      await ended;
      return child.exitCode;
    },
  };
}
