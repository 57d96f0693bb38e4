import { locationOf } from '@waybill/channel';
import { type Send, recordReports } from '@waybill/policies';
import type { Parts } from '../parts.js';
import { keepRunning } from './supervise.js';

/** Records what operators report. */
export async function runReports(parts: Parts, send: Send, signal: AbortSignal): Promise<void> {
  const { store, catalogue, recent, channel, now, log } = parts;
  const record = recordReports(
    { store, catalogue, recent, send, now },
    {
      onUnknown: (report) =>
        log.warn(`a report of ${locationOf(report)} about something that was never asked for was dropped`),
    },
  );
  await keepRunning('recording reports', (stop) => channel.consumeReports(record, stop), signal, log);
}
