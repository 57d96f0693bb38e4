import type { Cluster } from '@waybill/adapters';
import type { Channel } from '@waybill/channel';
import { referenceOfObject } from '../release-resource/inventory.js';
import type { Intercept } from './memory-cluster.js';

/** Where a process ends: at its n-th request or report (of those that `of` names), before it is done or after it, when no answer comes any more. */
export interface Death {
  readonly at: number;
  /** The names that are counted, or their beginning, such as `status Release`; all when not given. */
  readonly of?: string | RegExp;
  readonly when: 'before' | 'after';
}

/** What one process has of the world: from its death on nothing it does has an effect, and nothing answers. */
export interface Mortal {
  readonly intercept: Intercept;
  channel(channel: Channel): Pick<Channel, 'consumeDesired' | 'report'>;
  /** Resolves with what it was at when it died. */
  readonly died: Promise<string>;
  /** Requests and reports so far. */
  steps(): number;
  /** Lets whatever still waits for an answer fail, so that the test can end. */
  bury(): void;
}

export function mortal(death?: Death): Mortal {
  const dying = new AbortController();
  const buried = new AbortController();
  let steps = 0;
  let tell: (step: string) => void = () => undefined;
  const died = new Promise<string>((resolve) => (tell = resolve));

  const silence = (): Promise<never> =>
    new Promise((_, reject) => {
      const fail = (): void => reject(new Error('the process is dead'));
      if (buried.signal.aborted) fail();
      else buried.signal.addEventListener('abort', fail, { once: true });
    });

  function die(step: string): Promise<never> {
    dying.abort();
    tell(step);
    return silence();
  }

  const isCounted = (name: string): boolean => {
    const of = death?.of ?? '';
    return typeof of === 'string' ? name.startsWith(of) : of.test(name);
  };

  async function step<T>(name: string, done: () => T | Promise<T>): Promise<T> {
    await Promise.resolve();
    if (dying.signal.aborted) return silence();
    const counts = isCounted(name);
    if (counts) steps++;
    const mine = counts && steps === death?.at;
    if (mine && death?.when === 'before') return die(`before ${name}`);
    const result = await done();
    if (mine) return die(`after ${name}`);
    return dying.signal.aborted ? silence() : result;
  }

  return {
    intercept: (verb, reference, done) => step(`${verb} ${reference.kind} ${reference.name ?? ''}`, done),
    channel: (channel) => ({
      async consumeDesired(location, handlers, signal) {
        // The channel sees the connection of a dead process close: it waits for none of its answers.
        const gone = new Promise<never>((_, reject) => {
          dying.signal.addEventListener('abort', () => reject(new Error('the process is dead')), { once: true });
        });
        gone.catch(() => undefined);
        const handle: typeof handlers.handle = (record) => Promise.race([handlers.handle(record), gone]);
        const ending = AbortSignal.any([signal, dying.signal]);
        await channel.consumeDesired(location, { ...handlers, handle }, ending).catch(() => undefined);
        if (!signal.aborted) await silence();
      },
      report: (report) => step(`report ${report.kind}`, () => channel.report(report)),
    }),
    died,
    steps: () => steps,
    bury: () => buried.abort(),
  };
}

/** A real cluster as a mortal process has it. */
export function mortalCluster(cluster: Cluster, { intercept }: Pick<Mortal, 'intercept'>): Cluster {
  return {
    ...cluster,
    get: (reference, options) => intercept('get', reference, () => cluster.get(reference, options)),
    apply: (object, options = {}) =>
      intercept(options.dryRun ? 'dry-run' : 'apply', referenceOfObject(object), () => cluster.apply(object, options)),
    create: (object, options) => intercept('create', referenceOfObject(object), () => cluster.create(object, options)),
    replace: (object, options) =>
      intercept('replace', referenceOfObject(object), () => cluster.replace(object, options)),
    replaceStatus: (object, options) =>
      intercept('status', referenceOfObject(object), () => cluster.replaceStatus(object, options)),
    remove: (reference, uid) => intercept('delete', reference, () => cluster.remove(reference, uid)),
  };
}
