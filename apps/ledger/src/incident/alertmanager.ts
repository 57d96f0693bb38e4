import { z } from 'zod';
import type { Told } from './told.js';

const Labels = z.record(z.string(), z.string());

/**
 * What Alertmanager sends to a webhook, version 4
 * (https://prometheus.io/docs/alerting/latest/configuration/#webhook_config). More fields are let pass: it adds some
 * from time to time.
 */
export const AlertmanagerMessage = z.object({
  version: z.literal('4'),
  alerts: z
    .array(
      z.object({
        status: z.enum(['firing', 'resolved']),
        labels: Labels,
        annotations: Labels.default({}),
        startsAt: z.iso.datetime({ offset: true }),
        /** `0001-01-01T00:00:00Z` while it is firing. */
        endsAt: z.iso.datetime({ offset: true }),
        generatorURL: z.string().default(''),
        fingerprint: z.string().min(1),
      }),
    )
    .max(1000),
});
type Alert = z.output<typeof AlertmanagerMessage>['alerts'][number];

/**
 * Each alert as an incident. Labels say where: `environment` (`<project>.<slot>@<location>`) or `project`; `release` may
 * name the cause. The fingerprint and the instant at which it began tell alerts apart: it may fire again later.
 */
export function toldByAlertmanager({ alerts }: z.output<typeof AlertmanagerMessage>): readonly Told[] {
  return alerts.map((alert) => ({
    project: alert.labels['project'] ?? alert.labels['environment']?.split('.')[0] ?? null,
    environment: alert.labels['environment'] ?? null,
    key: `${alert.fingerprint}/${instant(alert.startsAt)}`,
    openedAt: instant(alert.startsAt),
    resolvedAt: alert.status === 'resolved' ? instant(alert.endsAt) : null,
    severity: alert.labels['severity'] ?? null,
    summary: summaryOf(alert),
    url: alert.generatorURL === '' ? null : alert.generatorURL.slice(0, 1000),
    cause: alert.labels['release'] ?? null,
    fixedBy: null,
  }));
}

function summaryOf({ labels, annotations }: Alert): string | null {
  const words = [labels['alertname'], annotations['summary'], annotations['description']];
  const told = words.filter((text) => text !== undefined && text !== '').join('\n');
  return told === '' ? null : told;
}

const instant = (text: string): string => new Date(text).toISOString();
