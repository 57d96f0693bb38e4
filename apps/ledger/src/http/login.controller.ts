import { Controller, Get, Inject, Query, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { SESSION_COOKIE, sessionPrincipal } from '../access/authenticate.js';
import { askerOf } from '../access/asker.js';
import { PARTS, type Parts } from '../parts.js';
import { homePage, wordsPage } from './home-page.js';
import { overviewFor } from './overview.js';
import { sendPage } from './page.js';

@Controller()
export class LoginController {
  constructor(@Inject(PARTS) private readonly parts: Parts) {}

  /** Opens a session for the code of a login link, once. */
  @Get('login')
  login(@Query('code') code: unknown, @Res() response: Response): void {
    const opened = typeof code === 'string' ? this.parts.sessions.redeem(code) : undefined;
    if (!opened) {
      sendPage(response.status(401), wordsPage(['This login link was used already, or it is too old.', ASK]));
      return;
    }
    response.cookie(SESSION_COOKIE, opened.session, {
      httpOnly: true,
      sameSite: 'strict',
      path: '/',
      maxAge: opened.seconds * 1000,
    });
    response.set('cache-control', 'no-store').redirect(303, '/');
  }

  @Get()
  async home(@Req() request: Request, @Res() response: Response): Promise<void> {
    const principal = sessionPrincipal(this.parts, request.headers);
    if (principal === undefined) {
      sendPage(response.status(401), wordsPage(['This is a Waybill ledger; you are not logged in.', ASK]));
      return;
    }
    sendPage(response, homePage(await overviewFor(this.parts, await askerOf(this.parts, principal))));
  }
}

const ASK = 'Run `waybill login-link` and open the link that it prints.';
