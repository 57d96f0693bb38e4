import type { JSONEventData, Position } from '@eventstore/db-client';
import { newId } from '@waybill/kernel';
import { assertLedger, goneLedger } from '../another-ledger.js';
import { corrupt } from './errors.js';
import type { RemoteLog } from './remote-log.js';
import type { StreamNames } from './stream-names.js';

export interface Birth {
  readonly ledgerId: string;
  /** Nothing of the ledger lies before it. */
  readonly position: Position;
}

/**
 * The ledger's id, written when the ledger is first opened; whoever is first decides it for all. It stands beside the
 * ledger's own streams, not in one of them: a new log is empty, and its `ledger` stream begins with revision 0.
 */
export async function birthOf(
  log: RemoteLog,
  names: StreamNames,
  { wanted, known }: { wanted?: string | undefined; known?: string | undefined },
): Promise<Birth> {
  for (;;) {
    const [first] = await log.readStream(names.birth, { limit: 1, fromLeader: true });
    if (first) {
      const { ledgerId } = first.data as { ledgerId?: unknown };
      if (first.type !== TYPE || typeof ledgerId !== 'string') throw corrupt(log.where, `stream ${names.birth}`);
      assertLedger(log.where, known, ledgerId);
      return { ledgerId, position: first.position };
    }
    if (known !== undefined) throw goneLedger(log.where, known);
    const event: JSONEventData = {
      id: newId(),
      contentType: 'application/json',
      type: TYPE,
      data: { ledgerId: wanted ?? newId() },
      metadata: undefined,
    };
    await log.append(names.birth, [event], 'no-stream');
  }
}

const TYPE = 'WaybillLedgerBegun';
