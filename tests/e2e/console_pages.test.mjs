// Every page of the console in both themes and three widths: axe finds nothing, nothing scrolls
// sideways, and a picture of each is left in build/screenshots. And the first page is fast.
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { Cleanup, Preloop, connect, held } from './support/all.mjs';
import { Browser, shoot, tidy } from './support/browser.mjs';

const POLICY = `version: 2
rules:
  - {tool: pay, when: "args.amount <= 100", action: allow}
  - {tool: pay, when: "args.amount <= 1000", action: require_approval, message: "Payments above 100 need a person"}
  - {tool: pay, action: deny, message: "Payments above 1000 are not possible here."}
  - {tool: rollback_deployment, action: require_approval, message: "A rollback takes the shop down for a minute"}
`;

describe('the pages', () => {
  const cleanup = new Cleanup();
  let server, browser, owner, page;
  before(async () => {
    server = cleanup.add(await Preloop.start({ owner: false, example: true }), (one) => one.dispose());
    browser = cleanup.add(await Browser.start(), (one) => one.close());
    owner = cleanup.add(await browser.person(server), (one) => one.close());
  });
  beforeEach(() => tidy(page));
  after(() => cleanup.run());

  test('set-up', async () => {
    const [, link] = await server.stdout.match(/(http:\S+\/setup#token=\S+)/);
    page = await owner.open(link);
    await page.getByRole('heading', { name: 'Become the owner' }).waitFor();
    await shoot(page, 'setup');
    await page.getByLabel('E-mail address').fill(Preloop.OWNER);
    await page.getByLabel('Your name').fill('Ana Ito');
    await page.getByLabel('Password', { exact: true }).fill(Preloop.PASSWORD);
    await page.getByRole('button', { name: 'Become the owner' }).click();
    await page.getByText('Nothing needs you').waitFor();
    server.operator = (await server.createKey('operator', 'test', ['--scopes', 'read,decide,configure'])).key;
    const guest = cleanup.add(await browser.person(server), (one) => one.close());
    const broken = await guest.open(link);
    await broken.getByRole('heading', { name: 'This link does not work' }).waitFor();
    await shoot(broken, 'link-used');
  });

  test('signing in and resetting a password', async () => {
    const guest = cleanup.add(await browser.person(server), (one) => one.close());
    const form = await guest.open('/');
    await form.getByRole('heading', { name: 'Sign in' }).waitFor();
    await shoot(form, 'sign-in');
    await form.getByLabel('E-mail address').fill('nobody@example.com');
    await form.getByLabel('Password', { exact: true }).fill('a wrong guess here');
    await form.getByRole('button', { name: 'Sign in' }).click();
    await form.getByRole('alert').waitFor();
    await shoot(form, 'sign-in-error');
    const [link] = /http[^\s"]+/.exec(await server.ok(['admin', 'user', 'reset', Preloop.OWNER]));
    const reset = await guest.open(link);
    await reset.getByRole('heading', { name: 'Choose a new password' }).waitFor();
    await shoot(reset, 'reset');
  });

  test('confirming a terminal', async () => {
    await page.goto('/login');
    await page.getByLabel('Code').waitFor();
    await shoot(page, 'terminal-code');
    const { body } = await server.rest.call('POST', '/auth/login/start', { body: { scopes: ['read', 'decide'] }, expect: 201 });
    await page.getByLabel('Code').fill(body.code);
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.getByRole('button', { name: 'Confirm' }).waitFor();
    await shoot(page, 'terminal');
  });

  test('overview and approvals, empty', async () => {
    await page.goto('/');
    await page.getByText('No calls in the last day').waitFor();
    await shoot(page, 'overview-empty');
    await page.goto('/approvals');
    await page.getByText('Nothing waits for a decision').waitFor();
    await shoot(page, 'approvals-empty');
    await page.goto('/nothing-like-this').catch(() => {});
    await page.goto('/approvals/nothing');
    await page.getByText('There is nothing at this address').waitFor();
    await shoot(page, 'not-found');
  });

  test('overview and approvals', async () => {
    await server.applyPolicy(POLICY);
    const claude = cleanup.add(await connect(server, await server.agentKey('claude')), (one) => one.close());
    const codex = cleanup.add(await connect(server, await server.agentKey('codex-nightly')), (one) => one.close());
    for (let n = 1; n <= 6; ++n) await claude.callTool({ name: 'example__pay', arguments: { recipient: 'Ana', amount: n } });
    await claude.callTool({ name: 'example__get_balance', arguments: {} });
    await claude.callTool({ name: 'example__pay', arguments: { recipient: 'Mallory', amount: 5000 } });
    const done = await held(server, claude, 'example__pay', { recipient: 'Bo', amount: 101 });
    await server.approve(done.approval.id, { body: { comment: 'Agreed with finance' } });
    await done.result;
    const no = await held(server, codex, 'example__pay', { recipient: 'Eve', amount: 999 });
    await server.decline(no.approval.id, 'Eve left the company in May');
    await no.result;

    const first = await held(server, claude, 'example__pay', { recipient: 'Ana', amount: 150 });
    await held(server, codex, 'example__rollback_deployment', { service: 'shop', version: '2026-11-27.3' });
    await held(server, codex, 'example__pay', { recipient: 'pay \u202e001 ot\u202c Ana\u200b', amount: 480 });

    await page.goto('/');
    await page.getByText('Last 24 hours').waitFor();
    await page.getByText('service: shop').waitFor();
    await shoot(page, 'overview');

    await page.goto('/approvals');
    await page.locator(`[data-request="${first.approval.id}"]`).waitFor();
    await shoot(page, 'approvals');
    await page.goto('/approvals?tab=history');
    await page.getByRole('table').waitFor();
    await shoot(page, 'approvals-history');

    await page.goto(`/approval/${first.approval.id}`);
    await page.getByRole('button', { name: 'Approve', exact: true }).waitFor();
    await shoot(page, 'approval');
    await page.goto(`/approval/${no.approval.id}`);
    await page.getByText('Eve left the company in May').waitFor();
    await shoot(page, 'approval-declined');
    for (const { id } of await server.pending()) await server.decline(id, 'The test is over');
  });

  // Its size is the build's to check; a time is only told here, since other tests run beside it.
  test('the first page on a processor slowed down four times', async (t) => {
    const tab = await owner.open('about:blank');
    await tab.addInitScript(() => {
      new MutationObserver((_, observer) => {
        if (!document.querySelector('main h1')) return;
        observer.disconnect();
        // Behind the work that drew it.
        setTimeout(() => (globalThis.interactive = performance.now()));
      }).observe(document, { childList: true, subtree: true });
    });
    const devtools = await tab.context().newCDPSession(tab);
    await devtools.send('Network.enable');
    await devtools.send('Network.setCacheDisabled', { cacheDisabled: true });
    await devtools.send('Emulation.setCPUThrottlingRate', { rate: 4 });
    const times = [];
    for (let n = 0; n < 5; ++n) {
      await tab.goto(server.url);
      await tab.waitForFunction(() => globalThis.interactive !== undefined);
      times.push(Math.round(await tab.evaluate(() => globalThis.interactive)));
    }
    t.diagnostic(`interactive after ${times} ms with the processor slowed down four times`);
    await tab.close();
  });

  test('with reduced motion another theme is there at once, at every depth', async () => {
    await page.goto('/approvals?tab=history');
    await page.getByRole('table').waitFor();
    const { now, later } = await page.evaluate(async () => {
      const colours = () =>
        [...document.querySelectorAll('body *')].map((one) => {
          const { color, backgroundColor } = getComputedStyle(one);
          return `${one.tagName} ${color} on ${backgroundColor}`;
        });
      colours();
      document.documentElement.dataset.mantineColorScheme = 'dark';
      const first = colours();
      for (let n = 0; n < 40; ++n) await new Promise(requestAnimationFrame);
      return { now: first, later: colours() };
    });
    assert.deepEqual(now, later);
    await page.reload();
  });

  test('menus and drawers', async () => {
    await page.goto('/');
    await page.getByRole('button', { name: /Ana Ito/ }).click();
    await page.getByRole('menuitem', { name: 'Dark' }).waitFor();
    await page.screenshot({ path: 'build/screenshots/account-menu-light-1440.png' });
    await page.keyboard.press('Escape');
    await page.setViewportSize({ width: 360, height: 740 });
    await page.getByRole('button', { name: 'More' }).click();
    await page.getByRole('radio', { name: 'Dark' }).waitFor();
    await page.screenshot({ path: 'build/screenshots/more-light-360.png' });
  });
});
