import { z } from 'zod';
import type { Told } from './told.js';

const Instant = z.iso.datetime({ offset: true }).transform((text) => new Date(text).toISOString());

/** What any tool may send: one incident, told again with `resolvedAt` when it is over. */
export const GenericMessage = z
  .strictObject({
    /** What it is called there: told again under the same key it is the same incident. */
    key: z.string().trim().min(1, 'is empty').max(200, 'at most 200 characters'),
    project: z.string().optional(),
    /** `<project>.<slot>@<location>`; the project may be left out then. */
    environment: z.string().optional(),
    openedAt: Instant.optional(),
    resolvedAt: Instant.optional(),
    severity: z.string().optional(),
    summary: z.string().optional(),
    url: z.string().max(1000).optional(),
    /** Id of the release that caused it, and of the one that fixed it. */
    cause: z.string().optional(),
    fixedBy: z.string().optional(),
  })
  .refine(({ openedAt, resolvedAt }) => openedAt !== undefined || resolvedAt !== undefined, {
    message: 'give openedAt or resolvedAt',
    path: ['openedAt'],
  });

export function toldPlainly(message: z.output<typeof GenericMessage>): Told {
  return {
    project: message.project ?? message.environment?.split('.')[0] ?? null,
    environment: message.environment ?? null,
    key: message.key,
    openedAt: message.openedAt ?? null,
    resolvedAt: message.resolvedAt ?? null,
    severity: message.severity ?? null,
    summary: message.summary ?? null,
    url: message.url ?? null,
    cause: message.cause ?? null,
    fixedBy: message.fixedBy ?? null,
  };
}
