import { Controller, Get, Inject, Res } from '@nestjs/common';
import type { Response } from 'express';
import { PARTS, type Parts } from '../parts.js';

@Controller()
export class HealthController {
  constructor(@Inject(PARTS) private readonly parts: Parts) {}

  /** The process answers: that is all this says. */
  @Get('healthz')
  health(@Res() response: Response): void {
    response.type('text').send('ok\n');
  }

  /** 503 until every role runs and the views have read what was in the log at the start. */
  @Get('readyz')
  ready(@Res() response: Response): void {
    const waiting = this.parts.readiness.waitingFor();
    response
      .status(waiting.length === 0 ? 200 : 503)
      .type('text')
      .send(waiting.length === 0 ? 'ready\n' : `waiting for ${waiting.join(', ')}\n`);
  }

  @Get('metrics')
  async metrics(@Res() response: Response): Promise<void> {
    const { metrics } = this.parts;
    response.set('content-type', metrics.contentType).send(await metrics.text());
  }
}
