import type { Response } from 'express';
import { randomBytes } from 'node:crypto';

/** A page is told the nonce that its own script and style must carry; nothing else may run or load. */
export type Page = (nonce: string) => string;

export function sendPage(response: Response, page: Page): void {
  const nonce = randomBytes(16).toString('base64');
  response
    .set({
      'content-security-policy': `default-src 'none'; script-src 'nonce-${nonce}'; style-src 'nonce-${nonce}'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cache-control': 'no-store',
    })
    .type('html')
    .send(page(nonce));
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

export const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (character) => ESCAPES[character]!);
