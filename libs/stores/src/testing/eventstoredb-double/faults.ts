/** What can be made to go wrong. The same objects go over the control address as JSON. */
export type Fault =
  /** Every call waits before it is handled. */
  | { readonly fault: 'delay'; readonly milliseconds: number }
  /** Every call fails: UNAVAILABLE. */
  | { readonly fault: 'unavailable'; readonly on: boolean }
  /** The next appends are written, and the caller is not told: the call fails, or nobody ever answers. */
  | {
      readonly fault: 'lose-acknowledgement';
      readonly times?: number;
      /** Only appends to streams whose name has this in it. */
      readonly stream?: string;
      readonly answer?: 'unavailable' | 'never';
    }
  /** The next appends fail before anything is written: UNAVAILABLE. */
  | { readonly fault: 'refuse-append'; readonly times?: number; readonly stream?: string }
  /** The next appends arrive late: when they are let go. */
  | { readonly fault: 'hold-append'; readonly times?: number; readonly stream?: string }
  | { readonly fault: 'let-go' }
  /** This node follows another: what needs the leader is sent there. Null: it leads again. */
  | { readonly fault: 'not-leader'; readonly leader: { readonly host: string; readonly port: number } | null }
  /** The next subscriptions break after that many events: UNAVAILABLE, or ended without a word. */
  | {
      readonly fault: 'drop-subscription';
      readonly afterEvents: number;
      readonly times?: number;
      readonly how?: 'unavailable' | 'ended';
    }
  /** Subscriptions stay open and deliver nothing, until undone; then new ones deliver again. */
  | { readonly fault: 'stall-subscriptions'; readonly on: boolean };

export interface Faults {
  inject(fault: Fault): void;
  readonly delay: number;
  readonly unavailable: boolean;
  readonly stalled: boolean;
  readonly leader: { readonly host: string; readonly port: number } | null;
  refusesAppend(stream: string): boolean;
  /** Resolves when a held append may go on; undefined for one that is not held. */
  holdsAppend(stream: string): Promise<void> | undefined;
  /** How the acknowledgement of this append gets lost, if it does. */
  losesAcknowledgement(stream: string): 'unavailable' | 'never' | undefined;
  /** Of a subscription that begins now. */
  dropsSubscription(): { readonly afterEvents: number; readonly how: 'unavailable' | 'ended' } | undefined;
}

interface Countdown<Setting> {
  left: number;
  readonly stream: string;
  readonly setting: Setting;
}

export function createFaults(): Faults {
  let delay = 0;
  let unavailable = false;
  let stalled = false;
  let leader: { host: string; port: number } | null = null;
  const refusals: Countdown<true>[] = [];
  const holds: Countdown<true>[] = [];
  let held: (() => void)[] = [];
  const losses: Countdown<'unavailable' | 'never'>[] = [];
  const drops: Countdown<{ afterEvents: number; how: 'unavailable' | 'ended' }>[] = [];

  const take = <Setting>(faults: Countdown<Setting>[], stream: string): Setting | undefined => {
    const next = faults.find((fault) => fault.left > 0 && stream.includes(fault.stream));
    if (next) next.left -= 1;
    return next?.setting;
  };

  return {
    inject(fault) {
      switch (fault.fault) {
        case 'delay':
          delay = fault.milliseconds;
          return;
        case 'unavailable':
          unavailable = fault.on;
          return;
        case 'lose-acknowledgement':
          losses.push({
            left: fault.times ?? 1,
            stream: fault.stream ?? '',
            setting: fault.answer ?? 'unavailable',
          });
          return;
        case 'refuse-append':
          refusals.push({ left: fault.times ?? 1, stream: fault.stream ?? '', setting: true });
          return;
        case 'hold-append':
          holds.push({ left: fault.times ?? 1, stream: fault.stream ?? '', setting: true });
          return;
        case 'let-go':
          for (const go of held) go();
          held = [];
          return;
        case 'not-leader':
          leader = fault.leader;
          return;
        case 'drop-subscription':
          drops.push({
            left: fault.times ?? 1,
            stream: '',
            setting: { afterEvents: fault.afterEvents, how: fault.how ?? 'unavailable' },
          });
          return;
        case 'stall-subscriptions':
          stalled = fault.on;
          return;
        default:
          throw new Error(`no such fault: ${JSON.stringify(fault satisfies never)}`);
      }
    },
    get delay() {
      return delay;
    },
    get unavailable() {
      return unavailable;
    },
    get stalled() {
      return stalled;
    },
    get leader() {
      return leader;
    },
    refusesAppend: (stream) => take(refusals, stream) === true,
    holdsAppend: (stream) => (take(holds, stream) ? new Promise((resolve) => held.push(resolve)) : undefined),
    losesAcknowledgement: (stream) => take(losses, stream),
    dropsSubscription: () => take(drops, ''),
  };
}
