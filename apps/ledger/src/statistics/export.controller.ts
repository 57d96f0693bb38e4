import { Controller, Get, Inject, Req, Res } from '@nestjs/common';
import { WaybillError, isWaybillError, parseInput } from '@waybill/kernel';
import { DIMENSIONS, MEASURES, TIME_UNITS, type DimensionName, type KeyName, type MeasureName } from '@waybill/views';
import type { Request, Response } from 'express';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import { authenticate } from '../access/authenticate.js';
import { READERS, forbid, holdsOneOf } from '../access/permissions.js';
import { sendError } from '../http/send-error.js';
import { PARTS, type Parts } from '../parts.js';
import { cutFor } from './asking.js';
import { CONTENT_TYPES, linesOf } from './delimited.js';

const several = z
  .union([z.string(), z.array(z.string())])
  .transform((given) => (Array.isArray(given) ? given : given.split(',')).map((name) => name.trim().toLowerCase()))
  .pipe(z.array(z.string().min(1)));

/** `dimension=value` or `dimension!=value`, several values with commas between. */
const Filter = z.string().regex(/^[a-z_]+!?=/i, 'give dimension=value');

const Question = z.strictObject({
  measures: several,
  by: several.default([]),
  from: z.string().optional(),
  to: z.string().optional(),
  timeZone: z.string().optional(),
  filter: z
    .union([Filter, z.array(Filter)])
    .transform((given) => (Array.isArray(given) ? given : [given]))
    .default([]),
  format: z.enum(['csv', 'jsonl']).default('csv'),
});

@Controller('export')
export class StatisticsExportController {
  constructor(@Inject(PARTS) private readonly parts: Parts) {}

  /** All rows of a statistic, as CSV or JSON Lines: `/export/statistics?measures=releases,lead_time&by=project,month`. */
  @Get('statistics')
  async statistics(@Req() request: Request, @Res() response: Response): Promise<void> {
    try {
      const asker = await authenticate(this.parts, request.headers);
      if (!holdsOneOf(asker, READERS, null)) forbid('an export', READERS, null);
      const { format, filter, measures, by, ...question } = parseInput(Question, request.query, 'the request');
      const named = measures.map((name) => known<MeasureName>('measures', name, Object.keys(MEASURES)));
      const keys = by.map((name) => known<KeyName>('by', name, [...Object.keys(DIMENSIONS), ...TIME_UNITS]));
      const answer = await this.parts.views.statistics.askAll(
        { ...question, measures: named, by: keys, filter: filter.map(filterFrom), projects: cutFor(asker) },
        this.parts.now(),
      );
      response.set({
        'content-type': CONTENT_TYPES[format],
        'content-disposition': `attachment; filename="statistics.${format}"`,
        'cache-control': 'no-store',
      });
      const columns = [...new Set(named)].map((name) => ({ name, isDuration: 'duration' in MEASURES[name] }));
      await pipeline(Readable.from(linesOf(answer, keys, columns, format)), response);
    } catch (error) {
      if (!response.headersSent) {
        sendError(response, error, (id) => this.parts.log.error(`an HTTP request failed (${id})`, error));
        return;
      }
      response.destroy();
      if (isWaybillError(error)) this.parts.log.error('an export broke off', error);
    }
  }
}

function filterFrom(given: string) {
  const [, name = '', not = '', list = ''] = /^([^!=]+)(!?)=([\s\S]*)$/.exec(given) ?? [];
  const dimension = known<DimensionName>('filter', name.toLowerCase(), Object.keys(DIMENSIONS));
  // Nothing stands for what has no value.
  const values = list.split(',').map((value) => (value === '' ? null : value));
  return not ? { dimension, notIn: values } : { dimension, in: values };
}

function known<Name extends string>(field: string, name: string, names: readonly string[]): Name {
  if (names.includes(name)) return name as Name;
  const message = `there is no ${JSON.stringify(name.slice(0, 60))}`;
  throw new WaybillError('INVALID_INPUT', `${field}: ${message}`, {
    hint: `There are ${names.join(', ')}.`,
    fields: [{ field, message }],
  });
}
