// Every page while it loads and when the server cannot answer: what is there is said, and a way on.
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { Cleanup, Preloop } from './support/all.mjs';
import { Browser, DIALOG, shoot, tidy } from './support/browser.mjs';

const BUSY = { type: 'about:blank', title: 'Unavailable', status: 503, detail: 'the store is busy; try again' };
/** Who one is and that one is connected; everything else is the page's own. */
const OTHERS = /\/api\/v1\/(auth\/me|events)$/;

const PAGES = [
  ['overview', '/', 'Nothing needs you'],
  ['approvals', '/approvals', 'Nothing waits for a decision'],
  ['history', '/approvals?tab=history', 'No call was held yet'],
  ['tools', '/tools', 'get_balance'],
  ['audit', '/audit', 'No call yet'],
  ['audit-verify', '/audit?tab=verify', 'Check the record here'],
  ['agents', '/agents', 'example'],
  ['people', '/people', 'You are alone here'],
  ['settings', '/settings', 'Data dir'],
  ['policy', '/settings?tab=policy', /In force: version/],
  ['workflows', '/settings?tab=workflows', 'default'],
  ['secrets', '/settings?tab=secrets', 'No secrets yet'],
];

describe('loading and failing', () => {
  const cleanup = new Cleanup();
  let page;
  before(async () => {
    const server = cleanup.add(await Preloop.start({ example: true }), (one) => one.dispose());
    const browser = cleanup.add(await Browser.start(), (one) => one.close());
    const owner = cleanup.add(await browser.person(server), (one) => one.close());
    page = await owner.signIn('/');
  });
  beforeEach(() => tidy(page));
  after(() => cleanup.run());

  for (const [name, path, content] of PAGES) {
    test(name, async () => {
      let fail;
      const isFailing = new Promise((resolve) => (fail = resolve));
      await page.route('**/api/v1/**', async (route) => {
        if (OTHERS.test(new URL(route.request().url()).pathname)) return await route.fallback();
        await isFailing;
        await route.fulfill({ status: 503, contentType: 'application/problem+json', body: JSON.stringify(BUSY) });
      });
      await page.goto(path);
      // Before that the page's own code is on its way.
      await page.getByRole('heading', { level: 1 }).waitFor();
      await page.getByRole('status', { name: 'Loading' }).first().waitFor();
      await shoot(page, `${name}-loading`, DIALOG);
      fail();
      await page.getByText('The store is busy; try again.').first().waitFor();
      await page.getByRole('status', { name: 'Loading' }).first().waitFor({ state: 'detached' });
      await shoot(page, `${name}-error`, DIALOG);
      await page.unrouteAll({ behavior: 'wait' });
      const again = page.getByRole('button', { name: 'Try again' });
      assert.ok((await again.count()) > 0);
      while ((await again.count()) > 0) {
        const left = await again.count();
        await again.first().click();
        await page.waitForFunction((count) => [...document.querySelectorAll('button')].filter((one) => one.textContent === 'Try again').length < count, left);
      }
      await page.getByText(content).first().waitFor();
    });
  }
});
