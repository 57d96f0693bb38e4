import { Body, Controller, Get, Inject, Post, Req, Res } from '@nestjs/common';
import { archiveLines } from '@waybill/evidence';
import type { Role } from '@waybill/domain';
import { type Position, WaybillError, isWaybillError, parseInput } from '@waybill/kernel';
import type { Request, Response } from 'express';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import { authenticate } from '../access/authenticate.js';
import { forbid, holdsOneOf } from '../access/permissions.js';
import { type Scope, scopeOfStream } from '../access/subjects.js';
import { eventAt } from '../events/reading.js';
import { sendError } from '../http/send-error.js';
import { PARTS, type Parts } from '../parts.js';
import { catchUpWithLog } from '../reading.js';
import { publicKeys } from './keys.js';

const READERS: readonly Role[] = ['developer', 'business', 'devops', 'analyst'];

const ProveInput = z.strictObject({
  event: z.uuid('is not the id of an event'),
  /** Signed note of an older checkpoint to continue. */
  checkpoint: z.string().max(4_000).optional(),
});

@Controller()
export class EvidenceController {
  constructor(@Inject(PARTS) private readonly parts: Parts) {}

  /** The public key that signs checkpoints. It is no secret, and neither is what it signs. */
  @Get('key')
  key(@Res() response: Response): Promise<void> {
    return this.answer(response, async () => {
      const key = (await publicKeys(this.parts)).at(-1);
      if (key === undefined) throw new WaybillError('NOT_FOUND', 'this ledger has no key that signs checkpoints');
      response.type('text').send(`${key}\n`);
    });
  }

  /** The newest checkpoint, as a signed note: for whoever keeps one, so that nothing before it can be changed unseen. */
  @Get('checkpoint')
  checkpoint(@Res() response: Response): Promise<void> {
    return this.answer(response, async () => {
      const newest = await this.parts.sealer.newest();
      if (!newest) throw new WaybillError('NOT_FOUND', 'no checkpoint was signed yet');
      response.type('text').send(newest.note);
    });
  }

  /** The whole log as an archive that can be verified without us; what is not sealed yet is sealed first. */
  @Get('export')
  export(@Req() request: Request, @Res() response: Response): Promise<void> {
    return this.answer(response, async () => {
      await this.admit(request, 'waybill export', ['analyst'], '*');
      const { store } = this.parts;
      const upTo = (await this.sealedEnd()) ?? (await store.lastPosition());
      response.set({ 'content-type': 'application/x-ndjson; charset=utf-8', 'cache-control': 'no-store' });
      // A log that cannot be read any further breaks the answer off: without its end line an archive is cut short.
      await pipeline(Readable.from(textOf(archiveLines({ store, upTo }))), response);
    });
  }

  /** A proof that an event stands in the sealed log. */
  @Post('prove')
  prove(@Req() request: Request, @Body() body: unknown, @Res() response: Response): Promise<void> {
    return this.answer(response, async () => {
      const asker = await authenticate(this.parts, request.headers);
      const { event: id, checkpoint } = parseInput(ProveInput, body, 'the request');
      await catchUpWithLog(this.parts);
      const entry = await this.parts.views.timeline.byId(id);
      const scope: Scope = entry ? await scopeOfStream(this.parts, entry.stream) : null;
      if (!holdsOneOf(asker, READERS, scope)) forbid('waybill prove', READERS, scope);
      if (!entry) throw new WaybillError('NOT_FOUND', `there is no event ${id}`);
      response.status(200).json(await this.parts.sealer.prove(await eventAt(this.parts.store, entry), checkpoint));
    });
  }

  /**
   * Position of a checkpoint over everything up to it: what others append meanwhile belongs to the next export.
   * Undefined when there can be none; a log that was changed must be exported most of all.
   */
  private async sealedEnd(): Promise<Position | undefined> {
    const { sealer, log } = this.parts;
    try {
      const newest = await sealer.seal();
      return (await sealer.read([])) === 0 ? newest?.position : undefined;
    } catch (error) {
      if (!isWaybillError(error)) throw error;
      log.error('an export was not sealed', error);
      return undefined;
    }
  }

  private async admit(request: Request, doing: string, roles: readonly Role[], scope: string): Promise<void> {
    const asker = await authenticate(this.parts, request.headers);
    if (!holdsOneOf(asker, roles, scope)) forbid(doing, roles, scope);
  }

  private async answer(response: Response, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!response.headersSent) {
        sendError(response, error, (id) => this.parts.log.error(`an HTTP request failed (${id})`, error));
        return;
      }
      response.destroy();
      if (!wentAway(error)) this.parts.log.error('an export broke off', error);
    }
  }
}

/** The other side closed the connection: nothing is wrong here. */
const wentAway = (error: unknown): boolean =>
  !isWaybillError(error) && (error as NodeJS.ErrnoException).code === 'ERR_STREAM_PREMATURE_CLOSE';

async function* textOf(lines: AsyncIterable<readonly string[]>): AsyncGenerator<string, void, void> {
  for await (const some of lines) if (some.length > 0) yield `${some.join('\n')}\n`;
}
