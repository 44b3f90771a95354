// A real browser: Debian's Chromium, driven by playwright-core. Pages that complain fail the test.
import assert from 'node:assert/strict';
import { mkdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { Preloop } from './preloop.mjs';

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
const SCREENSHOTS = fileURLToPath(new URL('../../../build/screenshots/', import.meta.url));

export const WIDTHS = [360, 768, 1440];
export const THEMES = ['light', 'dark'];

export class Browser {
  static async start() {
    const browser = new Browser();
    browser.chromium = await chromium.launch({
      executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
      // As root there is no sandbox; containers have a small /dev/shm.
      args: ['--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu', '--font-render-hinting=none'],
    });
    return browser;
  }

  async close() {
    await this.chromium.close();
  }

  /** Somebody else, invited with that role; a tab of theirs on the overview. */
  async invited(server, { email, role, password = 'another long password' }) {
    const made = await server.rest.call('POST', '/users', { body: { email, role }, expect: 201 });
    const link = await server.rest.call('POST', `/users/${made.body.id}/links`, { body: { purpose: 'setup' }, expect: 201 });
    const person = await this.person(server);
    const page = await person.open(link.body.url);
    await page.getByLabel('Password', { exact: true }).fill(password);
    await page.getByRole('button', { name: 'Join' }).click();
    await page.getByRole('heading', { name: 'Overview' }).waitFor();
    await page.locator('[data-live="live"]').waitFor({ state: 'attached' });
    return { person, page };
  }

  /** A person's browser: cookies and storage of its own. */
  async person(server, options = {}) {
    const context = await this.chromium.newContext({
      baseURL: server.url,
      viewport: { width: 1440, height: 900 },
      colorScheme: 'light',
      reducedMotion: 'reduce',
      locale: 'en-GB',
      timezoneId: 'UTC',
      ...options,
    });
    context.setDefaultTimeout(20_000);
    return new Person(server, context);
  }
}

export class Person {
  constructor(server, context) {
    this.server = server;
    this.context = context;
    this.complaints = [];
  }

  async close() {
    await this.context.close();
    assert.deepEqual(this.complaints, []);
  }

  /** A tab. What its console or the policy complains about is kept for `close`. */
  async open(path = '/') {
    const page = await this.context.newPage();
    page.on('pageerror', (error) => this.complaints.push(`${path}: ${error.stack ?? error}`));
    page.on('console', (message) => {
      // A refused or lost request is logged by the browser itself; tests look at what the page says.
      if (message.type() === 'error' && !/Failed to load resource|net::ERR_/.test(message.text())) {
        this.complaints.push(`${path}: ${message.text()}`);
      }
    });
    await page.goto(path);
    return page;
  }

  /** A tab with the owner signed in through the form. */
  async signIn(path = '/', { email = Preloop.OWNER, password = Preloop.PASSWORD } = {}) {
    const page = await this.open(path);
    await page.getByLabel('E-mail address').fill(email);
    await page.getByLabel('Password', { exact: true }).fill(password);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.locator('[data-live="live"]').waitFor({ state: 'attached' });
    return page;
  }
}

/** The secret that is shown once in the dialog that is open. */
export async function shownOnce(page) {
  const dialog = page.getByRole('dialog');
  const secret = await dialog.locator('output').textContent();
  return { dialog, secret };
}

/** The line of an editor in which the caret stands, once the editor has the focus. */
export async function caretLine(page, editor) {
  await editor.and(page.locator(':focus')).waitFor();
  return await page.evaluate(() => {
    const { anchorNode } = getSelection();
    const element = anchorNode instanceof Element ? anchorNode : anchorNode.parentElement;
    return element.closest('.cm-line').textContent;
  });
}

/**
 * Pastes over all that an editor has. Over several lines `fill` makes the browser edit the page
 * itself, with styles that the policy refuses.
 */
export async function pasteOver(page, editor, text) {
  await editor.focus();
  await page.keyboard.press('ControlOrMeta+a');
  await editor.evaluate((element, pasted) => {
    const clipboardData = new DataTransfer();
    clipboardData.setData('text/plain', pasted);
    element.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }));
  }, text);
}

/** For beforeEach: what a test that failed left over the page is not the next one's. */
export async function tidy(page) {
  if (!page || page.isClosed()) return;
  await page.unrouteAll({ behavior: 'ignoreErrors' });
  if ((await page.locator('[role="dialog"], form[aria-label*=" rule "]').count()) > 0) await page.reload();
}

/** What axe finds against WCAG 2.2 A and AA: nothing. */
export async function assertAccessible(page, what) {
  await page.evaluate(await readFile(AXE, 'utf8'));
  const violations = await page.evaluate(async () => {
    const { violations: found } = await globalThis.axe.run(document, {
      runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
    });
    return found.map(({ id, nodes }) => `${id}: ${nodes.map((node) => `${node.target.join(' ')} ${node.failureSummary}`).join('; ')}`);
  });
  assert.deepEqual(violations, [], what);
}

/** A dialog looks alike at 768 and 1440 px. */
export const DIALOG = [360, 1440];

/** The page in both themes at each width, checked by axe; pictures in build/screenshots. */
export async function shoot(page, name, widths = WIDTHS) {
  await mkdir(SCREENSHOTS, { recursive: true });
  const before = page.viewportSize();
  try {
    for (const theme of THEMES) {
      for (const width of widths) await shootOne(page, name, theme, width);
    }
  } finally {
    await page.setViewportSize(before);
    await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
  }
}

async function shootOne(page, name, theme, width) {
  await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
  await page.locator(`html[data-mantine-color-scheme="${theme}"]`).waitFor({ state: 'attached' });
  await page.setViewportSize({ width, height: width === 360 ? 740 : 900 });
  const overflow = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
  assert.ok(overflow <= 0, `${name} at ${width} px scrolls sideways by ${overflow} px`);
  await assertAccessible(page, `${name}, ${theme}, ${width} px`);
  await page.screenshot({ path: join(SCREENSHOTS, `${name}-${theme}-${width}.png`) });
}
