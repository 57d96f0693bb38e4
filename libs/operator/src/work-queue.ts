/**
 * Work by key: one piece of a key at a time, several keys beside each other. Work that rejects is done again after a
 * wait; a key that is added again meanwhile is done at once, with the newest that is to be done.
 */
export interface WorkQueue {
  add(key: string): void;
  /** True while the key is waiting or being worked on. */
  has(key: string): boolean;
  /** Starts nothing more; resolves when what runs has ended. */
  stop(): Promise<void>;
}

export interface WorkQueueOptions {
  /** Most keys worked on at once. */
  readonly limit: number;
  /** `attempt` counts from 1 and starts again when the key is added again. */
  readonly work: (key: string, attempt: number) => Promise<void>;
  /** Milliseconds to wait after the given failed attempt. */
  readonly delayMs: (attempt: number) => number;
}

interface Job {
  state: 'queued' | 'running' | 'waiting';
  attempt: number;
  /** Added again while it ran: what it did may be out of date. */
  again: boolean;
  timer: NodeJS.Timeout | undefined;
}

export function createWorkQueue({ limit, work, delayMs }: WorkQueueOptions): WorkQueue {
  const jobs = new Map<string, Job>();
  const ready: string[] = [];
  const running = new Set<Promise<void>>();
  let stopped = false;

  function queue(key: string, job: Job): void {
    job.state = 'queued';
    ready.push(key);
    startReady();
  }

  function startReady(): void {
    while (!stopped && running.size < limit) {
      const key = ready.shift();
      const job = key === undefined ? undefined : jobs.get(key);
      if (key === undefined || !job) return;
      job.state = 'running';
      job.again = false;
      job.attempt++;
      const run = work(key, job.attempt)
        .then(
          () => ended(key, job, true),
          () => ended(key, job, false),
        )
        .finally(() => {
          running.delete(run);
          startReady();
        });
      running.add(run);
    }
  }

  function ended(key: string, job: Job, done: boolean): void {
    if (job.again) {
      job.attempt = 0;
      queue(key, job);
    } else if (done || stopped) {
      jobs.delete(key);
    } else {
      job.state = 'waiting';
      job.timer = setTimeout(() => queue(key, job), delayMs(job.attempt));
    }
  }

  return {
    add(key) {
      if (stopped) return;
      const job = jobs.get(key);
      if (!job) {
        const fresh: Job = { state: 'queued', attempt: 0, again: false, timer: undefined };
        jobs.set(key, fresh);
        queue(key, fresh);
      } else if (job.state === 'running') {
        job.again = true;
      } else if (job.state === 'waiting') {
        clearTimeout(job.timer);
        job.attempt = 0;
        queue(key, job);
      }
    },
    has: (key) => jobs.has(key),
    async stop() {
      stopped = true;
      for (const { timer } of jobs.values()) clearTimeout(timer);
      await Promise.all(running);
    },
  };
}
