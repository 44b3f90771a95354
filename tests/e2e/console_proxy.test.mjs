// The console behind a proxy that ends TLS: signed in by a cookie for https, live through it, and
// nothing from another origin or under another name.
import assert from 'node:assert/strict';
import http from 'node:http';
import { after, before, describe, test } from 'node:test';
import { Cleanup, HttpUpstream, Preloop, connect, freePort, held, textOf } from './support/all.mjs';
import { Browser } from './support/browser.mjs';
import { TlsProxy } from './support/tls_proxy.mjs';

const POLICY = 'version: 2\nrules:\n  - {tool: work, action: require_approval, message: "A person looks at this"}\n';

describe('behind a proxy that ends TLS', () => {
  const cleanup = new Cleanup();
  let server, proxy, client, owner, page;
  before(async () => {
    proxy = cleanup.add(await TlsProxy.start(), (one) => one.close());
    proxy.target = `127.0.0.1:${await freePort()}`;
    server = cleanup.add(
      await Preloop.start({ listen: proxy.target, args: ['--trusted-proxy', '127.0.0.1/32', '--public-url', proxy.url] }),
      (one) => one.dispose(),
    );
    const upstream = cleanup.add(await HttpUpstream.start(), (one) => one.close());
    await server.addServer(upstream.config('up'));
    await server.applyPolicy(POLICY);
    client = cleanup.add(await connect(server, await server.agentKey('claude')), (one) => one.close());
    const browser = cleanup.add(await Browser.start(), (one) => one.close());
    owner = cleanup.add(await browser.person(server, { baseURL: proxy.url, ignoreHTTPSErrors: true }), (one) => one.close());
    page = await owner.signIn('/approvals');
  });
  after(() => cleanup.run());

  test('the cookie is for https and this host alone, and no script reads it', async () => {
    const [cookie] = await owner.context.cookies();
    assert.deepEqual(
      { name: cookie.name, secure: cookie.secure, httpOnly: cookie.httpOnly, path: cookie.path, sameSite: cookie.sameSite },
      { name: '__Host-preloop', secure: true, httpOnly: true, path: '/', sameSite: 'Strict' },
    );
    assert.equal(await page.evaluate(() => document.cookie), '');
  });

  test('a call appears through it, and is approved', async () => {
    const waiting = await held(server, client, 'up__work', { through: 'proxy' });
    await page.locator(`[data-approval="${waiting.approval.id}"]`).waitFor();
    await page.getByRole('button', { name: 'Approve', exact: true }).click();
    assert.match(textOf(await waiting.result), /^did/);
    await page.locator(`[data-approval="${waiting.approval.id}"][data-status="succeeded"]`).waitFor();
  });

  test('another origin and another name are refused', async () => {
    const ask = (headers, method = 'POST') =>
      new Promise((resolve, reject) => {
        const [host, port] = proxy.target.split(':');
        const request = http.request({ host, port, method, path: '/api/v1/auth/sign-in', headers: { 'Content-Type': 'application/json', ...headers } }, (response) => {
          response.resume().on('end', () => resolve(response.statusCode));
        });
        request.on('error', reject);
        request.end(method === 'POST' ? JSON.stringify({ email: Preloop.OWNER, password: Preloop.PASSWORD }) : undefined);
      });
    const { host } = new URL(proxy.url);
    assert.equal(await ask({ Host: host, Origin: proxy.url }), 200);
    assert.equal(await ask({ Host: host, Origin: 'https://evil.example' }), 403);
    assert.ok([403, 421].includes(await ask({ Host: 'evil.example', Origin: 'https://evil.example' })));
  });

  test('the proxy goes and comes back: the page says so and has missed nothing', async () => {
    const { target } = proxy;
    const nowhere = await freePort();
    proxy.target = `127.0.0.1:${nowhere}`;
    proxy.server.closeAllConnections();
    await page.getByText('No connection to the server').waitFor();
    const waiting = await held(server, client, 'up__work', { meanwhile: true });
    proxy.target = target;
    await page.locator(`[data-request="${waiting.approval.id}"]`).waitFor();
    await page.getByText('No connection to the server').waitFor({ state: 'detached' });
    await server.decline(waiting.approval.id, 'no');
    await waiting.result;
  });
});
