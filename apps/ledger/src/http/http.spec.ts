import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { setUpShop } from '../testing/example-project.js';
import { type RunningLedger, startRunningLedger } from '../testing/running-ledger.js';

let ledger: RunningLedger;
beforeAll(async () => {
  ledger = await startRunningLedger();
  await setUpShop(ledger);
}, 60_000);
afterAll(() => ledger.stop());

async function loginLink(): Promise<string> {
  const { data } = await ledger.ask('mutation { createLoginLink { url expiresAt } }');
  return (data!['createLoginLink'] as { url: string }).url;
}

describe('plain HTTP', () => {
  it('tells its health and that it is ready', async () => {
    expect(await (await fetch(`${ledger.url}/healthz`)).text()).toBe('ok\n');
    const ready = await fetch(`${ledger.url}/readyz`);
    expect([ready.status, await ready.text()]).toEqual([200, 'ready\n']);
    ledger.process.parts.readiness.await('something');
    const waiting = await fetch(`${ledger.url}/readyz`);
    expect([waiting.status, await waiting.text()]).toEqual([503, 'waiting for something\n']);
    ledger.process.parts.readiness.reached('something');
  });

  it('has metrics in the text format of Prometheus', async () => {
    const text = await (await fetch(`${ledger.url}/metrics`)).text();
    expect(text).toMatch(/^waybill_events_total\{type="ProjectRegistered"\} 1$/m);
    expect(text).toMatch(/^waybill_appends_total\{result="written"\} \d+$/m);
    expect(text).toMatch(/^waybill_view_lag 0$/m);
    expect(text).toMatch(/^waybill_http_request_seconds_count\{method="POST",path="\/graphql",status="200"\} \d+$/m);
  });

  it('tells whoever is not logged in how to get a link', async () => {
    const page = await fetch(ledger.url);
    expect(page.status).toBe(401);
    expect(await page.text()).toContain('waybill login-link');
  });

  it('logs a browser in once by a link, and shows what there is without anything from elsewhere', async () => {
    const link = await loginLink();
    const opened = await fetch(link, { redirect: 'manual' });
    expect([opened.status, opened.headers.get('location')]).toEqual([303, '/']);
    const cookie = opened.headers.get('set-cookie')!;
    expect(cookie).toMatch(/^waybill_session=.*HttpOnly; SameSite=Strict$/);
    const again = await fetch(link, { redirect: 'manual' });
    expect(again.status).toBe(401);

    const session = { cookie: cookie.split(';')[0]! };
    const page = await fetch(ledger.url, { headers: session });
    expect(page.status).toBe(200);
    expect(page.headers.get('content-security-policy')).toMatch(/^default-src 'none'; script-src 'nonce-/);
    const html = await page.text();
    expect(html).toContain('<td>The shop</td>');
    expect(html).not.toMatch(/(src|href)=/);

    const asked = await ledger.ask('{ me { name } }', { token: null, headers: session });
    expect(asked.data).toEqual({ me: { name: 'first admin' } });
  });

  it('knows no session of its own making', async () => {
    const page = await fetch(ledger.url, { headers: { cookie: 'waybill_session=guess' } });
    expect(page.status).toBe(401);
    expect((await fetch(`${ledger.url}/login?code=guess`)).status).toBe(401);
    expect((await fetch(`${ledger.url}/login?code=a&code=b`)).status).toBe(401);
  });

  it('escapes what people typed', async () => {
    const input = { key: 'odd', name: '<script>alert(1)</script>' };
    await ledger.ask('mutation ($input: RegisterProjectInput!) { registerProject(input: $input) { position } }', {
      variables: { input },
    });
    const opened = await fetch(await loginLink(), { redirect: 'manual' });
    const cookie = opened.headers.get('set-cookie')!.split(';')[0]!;
    const html = await (await fetch(ledger.url, { headers: { cookie } })).text();
    expect(html).toContain('&lt;script&gt;alert(1)');
  });
});
