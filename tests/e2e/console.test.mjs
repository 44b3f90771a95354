// The web console as people use it, in a real browser, with real clients on the other side.
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { Cleanup, Preloop, connect, held, textOf } from './support/all.mjs';
import { Browser, tidy } from './support/browser.mjs';
import { world } from './support/world.mjs';

describe('deciding in the console', () => {
  const cleanup = new Cleanup();
  let server, upstream, client, browser, owner, page;
  before(async () => {
    ({ server, upstream, client, browser } = await world(cleanup));
    owner = cleanup.add(await browser.person(server), (one) => one.close());
    page = await owner.signIn('/approvals');
    await page.getByText('Nothing waits for a decision').waitFor();
  });
  beforeEach(() => tidy(page));
  after(() => cleanup.run());

  test('a held call appears by itself, and is approved by keyboard', async (t) => {
    const seen = page.evaluate(
      () =>
        new Promise((resolve) => {
          new MutationObserver((_, observer) => {
            if (!document.querySelector('[data-approval]')) return;
            observer.disconnect();
            resolve(Date.now());
          }).observe(document.body, { childList: true, subtree: true });
        }),
    );
    const waiting = await held(server, client, 'up__work', { recipient: 'Ana', amount: 150 });
    const delay = (await seen) - Date.parse(waiting.approval.created_at);
    t.diagnostic(`on the page ${delay} ms after the call was held`);
    assert.ok(delay < 2_000, `${delay} ms`);
    const shown = page.locator(`[data-approval="${waiting.approval.id}"]`);
    await shown.getByText('A person looks at this').waitFor();
    const words = await shown.textContent();
    for (const wanted of ['recipient: "Ana"', 'amount: 150', 'claude asked', 'Rule 1 of the account']) {
      assert.ok(words.includes(wanted), `${wanted} in ${words}`);
    }

    await page.keyboard.press('a');
    assert.equal(upstream.count({ recipient: 'Ana', amount: 150 }), 0);
    await page.keyboard.press('Enter');
    assert.match(textOf(await waiting.result), /^did/);
    assert.equal(upstream.count({ recipient: 'Ana', amount: 150 }), 1);
    await page.locator(`[data-approval="${waiting.approval.id}"][data-status="succeeded"]`).waitFor();
    await page.getByText('Nothing else waits').waitFor();
  });

  test('declined with a comment, which the agent reads', async () => {
    const waiting = await held(server, client, 'up__work', { amount: 7 });
    await page.locator(`[data-request="${waiting.approval.id}"]`).click();
    await page.locator(`[data-approval="${waiting.approval.id}"]`).waitFor();
    await page.keyboard.press('d');
    await page.keyboard.type('Not on a Friday, please');
    await page.keyboard.press('Enter');
    const answer = await waiting.result;
    assert.equal(answer.isError, true);
    assert.match(textOf(answer), /Not on a Friday, please/);
    const after = await server.approval(waiting.approval.id);
    assert.equal(after.status, 'declined');
    assert.equal(after.votes[0].channel, 'console');
  });

  test('j and k move, what one looks at stays when others come and go', async () => {
    const calls = [];
    for (const n of [1, 2, 3]) calls.push(await held(server, client, 'up__work', { n }));
    const [one, two, three] = calls.map((call) => call.approval.id);
    await page.goto('/approvals');
    const selected = (id) => page.locator(`[data-approval="${id}"][data-status="pending"]`).waitFor();
    await selected(one);
    await page.keyboard.press('j');
    await selected(two);
    await page.keyboard.press('j');
    await selected(three);
    await page.keyboard.press('k');
    await selected(two);
    // Somebody else declines the first: the list moves, the choice does not.
    await server.decline(one, 'no');
    await page.locator(`[data-request="${one}"]`).waitFor({ state: 'detached' });
    await selected(two);
    await page.getByRole('button', { name: 'Approve', exact: true }).click();
    await selected(three);
    await server.decline(three, 'no');
    await Promise.all(calls.map((call) => call.result));
  });

  test('the page that a notification links to decides by itself, on a phone', async () => {
    const waiting = await held(server, client, 'up__work', { phone: true });
    const phone = cleanup.add(
      await browser.person(server, { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true }),
      (one) => one.close(),
    );
    const small = await phone.signIn(`/approval/${waiting.approval.id}`);
    await small.locator(`[data-approval="${waiting.approval.id}"]`).waitFor();
    const button = small.getByRole('button', { name: 'Approve', exact: true });
    const box = await button.boundingBox();
    assert.ok(box.height >= 48 && box.y + box.height <= 740, JSON.stringify(box));
    await button.tap();
    assert.match(textOf(await waiting.result), /^did/);
    await small.getByText('Approved, and done').waitFor();
  });

  test('a second tab and a second person see it; who is late is told', async () => {
    const tab = await owner.open('/approvals');
    await server.rest.call('POST', '/users', { body: { email: 'bo@example.com', role: 'approver' } });
    const [link] = /http[^\s"]+/.exec(await server.ok(['admin', 'user', 'reset', 'bo@example.com']));
    const bo = cleanup.add(await browser.person(server), (one) => one.close());
    const other = await bo.open(link);
    await other.getByRole('heading', { name: 'Choose a new password' }).waitFor();
    await other.getByLabel('Password', { exact: true }).fill('another long password');
    await other.getByRole('button', { name: 'Set the password' }).click();
    await other.getByRole('heading', { name: 'Overview' }).waitFor();
    await other.goto('/approvals');

    const waiting = await held(server, client, 'up__work', { together: true });
    const id = waiting.approval.id;
    for (const one of [page, tab, other]) {
      await one.locator(`[data-request="${id}"]`).click();
      await one.locator(`[data-approval="${id}"][data-status="pending"]`).waitFor();
    }
    // Bo's own decision is on its way when the owner's is made.
    let release;
    const held_back = new Promise((resolve) => (release = resolve));
    await other.route('**/approve', async (route) => {
      await held_back;
      await route.continue();
    });
    await other.getByRole('button', { name: 'Approve', exact: true }).click();
    await page.getByLabel('Comment').fill('I was first');
    await page.getByRole('button', { name: 'Decline', exact: true }).click();
    release();
    assert.match(textOf(await waiting.result), /I was first/);
    await other.getByText('Too late:').waitFor();
    for (const one of [tab, other]) {
      await one.locator(`[data-approval="${id}"][data-status="declined"]`).waitFor();
      assert.match(await one.locator(`[data-approval="${id}"]`).innerText(), /I was first/);
    }
    await tab.close();
  });

  test('hostile arguments are shown safely and completely', async () => {
    const long = `${'x'.repeat(1_000_000)}END`;
    let deep = 'bottom';
    for (let n = 0; n < 40; ++n) deep = [deep];
    const waiting = await held(server, client, 'up__work', {
      bidi: 'pay \u202e001 ot\u202c Ana\u200b',
      ansi: '\u001b[31mred\u0000',
      markup: '<script>globalThis.broken = true</script><img src=x onerror="globalThis.broken = true">',
      '\u2066name': 'key',
      huge: 12345678901,
      deep,
      long,
    });
    await page.goto(`/approval/${waiting.approval.id}`);
    const shown = page.locator(`[data-approval="${waiting.approval.id}"]`);
    await shown.waitFor();
    const text = await shown.textContent();
    for (const wanted of ['U+202E', 'U+202C', 'U+200B', 'ESC', 'U+0000', 'U+2066', '<script>globalThis.broken = true</script>', '12345678901']) {
      assert.ok(text.includes(wanted), `${wanted} in ${text.slice(0, 3000)}`);
    }
    assert.doesNotMatch(text, /[\u202e\u202c\u200b\u2066\u0000\u001b]/);
    assert.equal(await page.evaluate(() => globalThis.broken), undefined);
    await shown.getByRole('button', { name: 'Open all' }).click();
    await shown.getByText('"bottom"').waitFor();
    await shown.getByRole('button', { name: 'Show all 1,000,003 characters' }).click();
    await shown.getByRole('button', { name: 'Show the beginning only' }).waitFor();
    assert.ok((await shown.textContent()).includes(long));
    await page.getByRole('button', { name: 'Decline', exact: true }).click();
    await waiting.result;
  });
});

describe('coming and going', () => {
  const cleanup = new Cleanup();
  let server, client, browser;
  before(async () => {
    ({ server, client, browser } = await world(cleanup));
  });
  after(() => cleanup.run());

  test('a wrong password is said in words, and guessing is slowed down', async () => {
    const guest = cleanup.add(await browser.person(server), (one) => one.close());
    const page = await guest.open('/');
    const button = page.getByRole('button', { name: 'Sign in' });
    await page.getByLabel('E-mail address').fill('nobody@example.com');
    const guess = async () => {
      await page.getByLabel('Password', { exact: true }).fill('a wrong guess here');
      const answer = page.waitForResponse('**/auth/sign-in');
      await button.click();
      return (await answer).status();
    };
    assert.equal(await guess(), 401);
    await page.getByRole('alert').waitFor();
    let status = 401;
    for (let n = 0; n < 40 && status === 401; ++n) status = await guess();
    assert.equal(status, 429);
    await page.getByText(/Too many wrong passwords/).waitFor();
    await page.getByRole('button', { name: 'Try again in' }).waitFor();
    assert.equal(await page.getByRole('button', { name: 'Try again in' }).isDisabled(), true);
  });

  test('a session that ends leads back to where one was', async () => {
    const person = cleanup.add(await browser.person(server), (one) => one.close());
    const page = await person.signIn('/approvals?tab=history');
    await page.getByText('No call was held yet').waitFor();
    const sessions = await page.evaluate(async () => {
      const headers = { 'X-Preloop-Session': localStorage.getItem('preloop-session') };
      const { items } = await (await fetch('/api/v1/auth/sessions', { headers })).json();
      for (const { id } of items) await fetch(`/api/v1/auth/sessions/${id}`, { method: 'DELETE', headers });
      return items.length;
    });
    assert.ok(sessions > 0);
    await page.getByText('Your session has ended').waitFor();
    await page.getByLabel('E-mail address').fill(Preloop.OWNER);
    await page.getByLabel('Password', { exact: true }).fill(Preloop.PASSWORD);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByText('No call was held yet').waitFor();
    assert.match(page.url(), /\/approvals\?tab=history$/);

    await page.getByRole('button', { name: /ana@example/ }).click();
    await page.getByRole('menuitem', { name: 'Sign out' }).click();
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    assert.equal(await page.evaluate(() => localStorage.getItem('preloop-session')), null);
  });

  test('the server restarts: the page says so, recovers, and has missed nothing', async () => {
    const person = cleanup.add(await browser.person(server), (one) => one.close());
    const page = await person.signIn('/approvals');
    const tab = await person.open('/');
    await page.getByText('Nothing waits for a decision').waitFor();
    await tab.getByText('Nothing needs you').waitFor();
    const { port } = new URL(server.url);
    await server.kill();
    for (const one of [page, tab]) await one.getByText('No connection to the server').waitFor();
    await server.serve({ listen: `127.0.0.1:${port}` });
    const again = await connect(server, await server.agentKey('claude'));
    const waiting = await held(server, again, 'up__work', { after: 'restart' });
    await page.locator(`[data-request="${waiting.approval.id}"]`).waitFor();
    await tab.getByText('after: restart').waitFor();
    for (const one of [page, tab]) await one.getByText('No connection to the server').waitFor({ state: 'detached' });
    await server.decline(waiting.approval.id, 'no');
    await waiting.result;
    await again.close();
  });

  test('a terminal is confirmed in the browser', async () => {
    const person = cleanup.add(await browser.person(server), (one) => one.close());
    const waiting = server.spawnCli(['login']);
    const [, url, code] = await waiting.stderr.match(/Open (\S+) and confirm the code (\S+)\n/);
    const page = await person.signIn(`${new URL(url).pathname}#code=${code}`);
    await page.getByRole('heading', { name: 'A terminal wants to sign in as you' }).waitFor();
    await page.getByText('see everything you can see').waitFor();
    await page.getByRole('button', { name: 'Confirm' }).click();
    await page.getByRole('heading', { name: 'The terminal goes on' }).waitFor();
    assert.deepEqual(await waiting.exited, { code: 0, signal: null });

    // By hand, and for a decision: what it may then do is said.
    const started = await server.rest.call('POST', '/auth/login/start', { body: { scopes: ['read', 'decide'] }, expect: 201 });
    await page.goto('/login');
    await page.getByLabel('Code').fill(started.body.code.toLowerCase());
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.getByText('approve and decline in your name').waitFor();
    await page.getByRole('button', { name: 'Deny' }).click();
    await page.getByRole('heading', { name: 'The terminal was refused' }).waitFor();
    const polled = await server.rest.call('POST', '/auth/login/poll', { body: { device: started.body.device }, key: null });
    assert.equal(polled.body.state, 'denied');
  });
});

describe('the first visit', () => {
  const cleanup = new Cleanup();
  after(() => cleanup.run());

  test('the set-up link makes the owner, once', async () => {
    const server = cleanup.add(await Preloop.start({ owner: false, example: true }), (one) => one.dispose());
    const browser = cleanup.add(await Browser.start(), (one) => one.close());
    const person = cleanup.add(await browser.person(server), (one) => one.close());
    const [, link] = await server.stdout.match(/(http:\S+\/setup#token=\S+)/);
    const page = await person.open(link);
    await page.getByRole('heading', { name: 'Become the owner' }).waitFor();
    await page.getByLabel('E-mail address').fill('ana@example.com');
    await page.getByLabel('Your name').fill('Ana');
    await page.getByLabel('Password', { exact: true }).fill('password1234');
    const first = page.waitForResponse('**/auth/setup');
    await page.getByRole('button', { name: 'Become the owner' }).click();
    if ((await first).status() >= 400) {
      await page.getByRole('alert').waitFor();
      await page.getByLabel('Password', { exact: true }).fill(Preloop.PASSWORD);
      await page.getByRole('button', { name: 'Become the owner' }).click();
    }
    await page.getByRole('heading', { name: 'Overview' }).waitFor();
    await page.getByText('Nothing needs you').waitFor();
    await page.getByText('No calls in the last day').waitFor();

    const again = await person.open('about:blank');
    await again.goto(link);
    await again.getByRole('heading', { name: 'This link does not work' }).waitFor();
  });

  test('what is not an address of the console is not one', async () => {
    const server = cleanup.add(await Preloop.start(), (one) => one.dispose());
    for (const path of ['/api/v1/nothing', '/hooks/x', '/nothing', '/assets/nothing.js', '/index.html']) {
      assert.equal((await fetch(server.url + path)).status, 404, path);
    }
    const document = await fetch(`${server.url}/approvals`);
    assert.equal(document.headers.get('cache-control'), 'no-store');
    const [, script] = /src="(\/assets\/[^"]+\.js)"/.exec(await document.text());
    const first = await fetch(server.url + script, { headers: { 'Accept-Encoding': 'br' } });
    assert.equal(first.headers.get('content-encoding'), 'br');
    assert.match(first.headers.get('cache-control'), /immutable/);
    const second = await fetch(server.url + script, { headers: { 'If-None-Match': first.headers.get('etag') } });
    assert.equal(second.status, 304);
  });
});
