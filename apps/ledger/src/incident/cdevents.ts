import { WaybillError } from '@waybill/kernel';
import { z } from 'zod';
import type { Told } from './told.js';

const Reference = z.object({ id: z.string().min(1) });

/**
 * `dev.cdevents.incident.{detected,reported,resolved}` of CDEvents 0.4 (subject 0.2.0) and 0.5 (0.3.0); what differs
 * between them is read nowhere. Its extras go in `customData`: `project`, `release` (the cause), `fixedBy`.
 */
export const CdIncident = z.object({
  context: z.object({
    id: z.string().min(1),
    source: z.string().min(1),
    type: z.string().regex(/^dev\.cdevents\.incident\.(detected|reported|resolved)\.0\.[23]\.\d+/, {
      message: 'is not dev.cdevents.incident.detected, reported or resolved in version 0.2 or 0.3',
    }),
    timestamp: z.iso.datetime({ offset: true }),
  }),
  subject: z.object({
    id: z.string().min(1).max(200),
    source: z.string().optional(),
    content: z.object({
      environment: Reference,
      service: Reference.optional(),
      description: z.string().optional(),
      ticketURI: z.string().max(1000).optional(),
    }),
  }),
  customData: z
    .object({ project: z.string().optional(), release: z.string().optional(), fixedBy: z.string().optional() })
    .optional()
    .catch(undefined),
});

/** CloudEvents 1.0 in structured mode: the CDEvent is its data. */
const Structured = z.object({ specversion: z.literal('1.0'), data: z.unknown() });

/** The CDEvent of a request: bare, in binary mode (headers) or in structured mode. */
export function cdEventIn(body: unknown): unknown {
  const structured = Structured.safeParse(body);
  return structured.success ? structured.data.data : body;
}

/**
 * A detected incident and a reported one are the same when their subject is: the first that is told opens it. The
 * environment is one of ours, `<project>.<slot>@<location>`, or else the project must be named.
 */
export function toldByCdEvent({ context, subject, customData }: z.output<typeof CdIncident>): Told {
  const { environment, service, description, ticketURI } = subject.content;
  const ours = /^[a-z0-9-]+\.[a-z0-9-]+@[a-z0-9-]+$/.test(environment.id);
  const at = new Date(context.timestamp).toISOString();
  const isOver = context.type.startsWith('dev.cdevents.incident.resolved.');
  const project = customData?.project ?? (ours ? environment.id : service?.id)?.split('.')[0];
  if (project === undefined) {
    throw new WaybillError('INVALID_INPUT', 'subject.content.environment.id: of which project is it?', {
      hint: 'Name one of ours (<project>.<slot>@<location>), a service <project>.<slot>, or customData.project.',
      fields: [{ field: 'subject.content.environment.id', message: 'is no environment of this ledger' }],
    });
  }
  return {
    project,
    environment: ours ? environment.id : null,
    key: subject.id,
    openedAt: isOver ? null : at,
    resolvedAt: isOver ? at : null,
    severity: null,
    summary: description ?? null,
    url: ticketURI ?? null,
    cause: customData?.release ?? null,
    fixedBy: customData?.fixedBy ?? null,
  };
}
