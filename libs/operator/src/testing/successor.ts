import { type ClusterBench, NAMESPACE } from './cluster-bench.js';
import { referenceTo } from './memory-cluster.js';
import { type Death, type Mortal, mortal } from './mortal.js';

/** An operator that dies where it is told to, and the one that takes over. */
export interface Succession {
  /** Where the first one died; null while it has not. */
  died(): string | null;
  /** Requests and reports of the first one so far. */
  steps(): number;
  /** Lets whatever still waits for an answer fail, so that the test can end. */
  bury(): void;
}

export function startMortal(bench: ClusterBench, death?: Death): Succession {
  const first = mortal(death);
  const processes: Mortal[] = [];
  const start = (process: Mortal, identity: string): void => {
    processes.push(process);
    bench.start({
      cluster: bench.memory.connect(process.intercept),
      channel: process.channel(bench.channel),
      identity,
    });
  };
  let died: string | null = null;
  void first.died.then((where) => {
    died = where;
    const lease = referenceTo('coordination.k8s.io/v1', 'Lease', NAMESPACE, 'waybill-operator');
    // What time would do: the lease runs out.
    if (bench.memory.get(lease)) {
      bench.memory.edit(lease, (object) => ((object['spec'] as { holderIdentity: string }).holderIdentity = ''));
    }
    start(mortal(), 'second');
  });
  start(first, 'first');
  return {
    died: () => died,
    steps: () => first.steps(),
    bury: () => processes.forEach((process) => process.bury()),
  };
}
