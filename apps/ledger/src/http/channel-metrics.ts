import type { ChannelObserver } from '@waybill/channel';
import { Counter, Gauge, type Registry } from 'prom-client';

/** What goes over the channel, counted. */
export function channelMetrics(registers: Registry[]): ChannelObserver {
  const sent = new Counter({
    name: 'waybill_channel_sent_total',
    help: 'Records that this process sent over the channel, by kind: desired or reports.',
    labelNames: ['kind'],
    registers,
  });
  const received = new Counter({
    name: 'waybill_channel_received_total',
    help: 'Records that this process took from the channel, by kind: desired or reports.',
    labelNames: ['kind'],
    registers,
  });
  const deadLetters = new Counter({
    name: 'waybill_channel_dead_letters_total',
    help: 'Records that this process put aside, by reason.',
    labelNames: ['reason'],
    registers,
  });
  const lag = new Gauge({
    name: 'waybill_channel_lag',
    help: 'Reports that wait to be recorded, by location.',
    labelNames: ['location'],
    registers,
  });
  return {
    sent: (kind, records) => sent.inc({ kind }, records),
    received: (kind, records) => received.inc({ kind }, records),
    deadLetter: (reason) => deadLetters.inc({ reason }),
    lag: (location, records) => lag.set({ location }, records),
  };
}
