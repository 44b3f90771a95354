// The page about the record: what agents do appears by itself, one call's story, filters that are an
// address, and a check that does not trust the server.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, beforeEach, describe, test } from 'node:test';
import { Cleanup, HttpUpstream, PRELOOP_BIN, Preloop, call, connect, held, run, text } from './support/all.mjs';
import { Browser, shoot, tidy } from './support/browser.mjs';

const PAY = { name: 'pay', description: 'Transfers money.', inputSchema: { type: 'object' } };
const POLICY = `version: 2
rules:
  - {tool: pay, when: "args.amount <= 100", action: allow}
  - {tool: pay, when: "args.amount <= 1000", action: require_approval, message: "Above 100 a person decides"}
  - {tool: pay, action: deny, message: "Not above 1000"}
`;

describe('the page about the record', () => {
  const cleanup = new Cleanup();
  let server, bank, browser, owner, page, claude, codex, approved;
  const pay = (client, amount, recipient = 'Ana') => call(client, 'bank__pay', { recipient, amount });
  const rows = (state) => page.locator(`[data-call][data-state="${state}"]`);

  before(async () => {
    server = cleanup.add(await Preloop.start(), (one) => one.dispose());
    bank = cleanup.add(await HttpUpstream.start({ tools: [PAY] }), (one) => one.close());
    bank.onCall = (one) =>
      one.args.recipient === 'nobody'
        ? one.answer({ ...text('There is no such account.'), isError: true })
        : one.answer(text(JSON.stringify({ transaction: 'T-1', recipient: one.args.recipient, balance: 12345.67 })));
    browser = cleanup.add(await Browser.start(), (one) => one.close());
    owner = cleanup.add(await browser.person(server), (one) => one.close());
    page = await owner.signIn('/audit');
  });
  beforeEach(() => tidy(page));
  after(() => cleanup.run());

  test('without a call it says what will be here', async () => {
    await page.getByText('No call yet').waitFor();
    await shoot(page, 'audit-empty');
  });

  test('a call appears by itself, with what came of it', async (t) => {
    await server.addServer(bank.config('bank'));
    await server.applyPolicy(POLICY);
    claude = cleanup.add(await connect(server, await server.agentKey('claude')), (one) => one.close());
    codex = cleanup.add(await connect(server, await server.agentKey('codex')), (one) => one.close());
    const began = Date.now();
    await pay(claude, 50);
    await rows('succeeded').first().waitFor();
    t.diagnostic(`on the page ${Date.now() - began} ms after the call began`);
    assert.match(await rows('succeeded').first().textContent(), /pay on bank by claude/);
  });

  test('what people decide joins the call, live', async () => {
    const waiting = await held(server, claude, 'bank__pay', { recipient: 'Bo', amount: 500 });
    await rows('pending').waitFor();
    await server.approve(waiting.approval.id, { body: { comment: 'Agreed with finance on the phone' } });
    await waiting.result;
    approved = waiting.approval.call_id;
    await page.locator(`[data-call="${approved}"][data-state="succeeded"]`).waitFor();
    const no = await held(server, codex, 'bank__pay', { recipient: 'Eve', amount: 999 });
    await server.decline(no.approval.id, 'Eve left in May');
    await no.result;
    await rows('declined').waitFor();
    await pay(codex, 5000, 'Mallory');
    await rows('deny').waitFor();
    await pay(claude, 10, 'nobody');
    await rows('failed').waitFor();
    await shoot(page, 'audit');
  });

  test('the whole story of one call', async () => {
    await page.locator(`[data-call="${approved}"]`).click();
    const story = page.locator(`[data-story="${approved}"][data-state="succeeded"]`);
    await story.waitFor();
    const steps = await story.locator('[data-step]').evaluateAll((all) => all.map((one) => one.dataset.step));
    for (const kind of ['call.decided', 'approval.created', 'approval.voted', 'call.dispatched', 'call.completed']) {
      assert.ok(steps.includes(kind), `${kind} in ${steps}`);
    }
    assert.deepEqual(steps.at(-1), 'call.completed');
    const words = await story.textContent();
    for (const wanted of ['Agreed with finance on the phone', 'account rule 2', 'recipient: "Bo"', 'amount: 500', 'T-1']) {
      assert.ok(words.includes(wanted), `${wanted} in ${words}`);
    }
    await shoot(page, 'audit-story');
    await page.getByRole('button', { name: /^Record \d+/ }).first().click();
    await page.getByRole('group', { name: 'record' }).waitFor();
    await page.getByRole('link', { name: 'Timeline' }).click();
    await rows('deny').waitFor();
    const declined = await rows('declined').getAttribute('data-call');
    await page.goto(`/audit/${declined}`);
    await page.getByText('Eve left in May').waitFor();
    await shoot(page, 'audit-story-declined');
    await page.goto('/audit/01890a5d-ac96-774b-bcce-b302099a8057');
    await page.getByText('The record knows no such call').waitFor();
    await shoot(page, 'audit-story-unknown');
  });

  test('filters are an address', async () => {
    await page.goto('/audit');
    await rows('deny').waitFor();
    await page.getByLabel('Agent').selectOption({ label: 'codex' });
    await rows('failed').waitFor({ state: 'detached' });
    await rows('declined').waitFor();
    assert.equal(await page.locator('[data-call]').count(), 2);
    await page.getByLabel('What').selectOption('denied');
    await rows('declined').waitFor({ state: 'detached' });
    await page.getByLabel('Tool').fill('pay');
    await page.getByLabel('Time').selectOption('24h');
    await page.waitForURL(/since=24h/);
    const url = new URL(page.url());
    assert.equal(url.searchParams.get('show'), 'denied');
    assert.equal(url.searchParams.get('tool'), 'pay');
    const tab = await owner.open(url.pathname + url.search);
    await tab.locator('[data-call][data-state="deny"]').waitFor();
    assert.equal(await tab.locator('[data-call]').count(), 1);
    assert.equal(await tab.getByLabel('What').inputValue(), 'denied');
    await shoot(tab, 'audit-filtered');
    await tab.getByLabel('Tool').fill('nothing');
    await tab.getByLabel('Tool').press('Enter');
    await tab.getByText('Nothing in the record fits').waitFor();
    await tab.getByRole('button', { name: 'Clear' }).click();
    await tab.locator('[data-call][data-state="failed"]').waitFor();
    await tab.getByLabel('What').selectOption('config');
    await tab.locator('[data-record="config.policy_applied"]').first().waitFor();
    await tab.locator('[data-record="config.policy_applied"]').getByRole('button').first().click();
    await shoot(tab, 'audit-config');
    await tab.close();
  });

  test('what comes while one reads further down waits behind a button', async () => {
    for (let n = 0; n < 130; ++n) await pay(claude, 1 + (n % 90));
    await page.goto('/audit');
    await rows('succeeded').first().waitFor();
    await page.evaluate(() => scrollTo(0, 1_500));
    const middle = await page.evaluate(() => document.elementFromPoint(700, 400)?.closest('[data-call]')?.dataset.call);
    await pay(codex, 77);
    await page.getByRole('button', { name: '1 new' }).waitFor();
    assert.equal(await page.evaluate(() => document.elementFromPoint(700, 400)?.closest('[data-call]')?.dataset.call), middle);
    await page.getByRole('button', { name: '1 new' }).click();
    await page.locator('[data-call]').first().getByText('codex').waitFor();
    const before = await page.locator('[data-call]').count();
    await page.getByRole('button', { name: 'Show older ones' }).click();
    await page.waitForFunction((count) => document.querySelectorAll('[data-call]').length > count, before);
  });

  test('the record is checked in the browser, and by the command on the page', async () => {
    // A server that stops signs the ends of its chains.
    const { host } = new URL(server.url);
    await server.stop();
    await server.serve({ listen: host });
    await page.goto('/audit');
    await page.getByRole('link', { name: 'Verify and export' }).click();
    await page.getByRole('button', { name: 'Check the record' }).click();
    await page.locator('[data-verdict="intact"]').waitFor();
    await page.getByText('were not part of this check').waitFor();
    await page.getByLabel('Arguments, results and comments too').check({ force: true });
    await page.getByRole('button', { name: 'Check again' }).click();
    await page.locator('[data-verdict="intact"]').getByText(/[1-9]\d* of \d+ contents are what their records commit to/).waitFor();
    await page.getByText('Fits', { exact: true }).first().waitFor();
    await shoot(page, 'audit-verify');
    await page.getByLabel('With arguments, results and comments').check({ force: true });
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Export', exact: true }).click()]);
    const file = `${server.root}/from-the-page.jsonl`;
    await download.saveAs(file);
    assert.match(await readFile(file, 'utf8'), /"type":"end"/);
    const { code, stdout, stderr } = await run(PRELOOP_BIN, ['audit', 'verify', file], { env: { PATH: process.env.PATH, HOME: server.home } });
    assert.equal(code, 0, stdout + stderr);
  });

  test('who may not read the record is told so, and has no way there', async () => {
    const { person, page: tab } = await browser.invited(server, { email: 'vera@example.com', role: 'viewer' });
    cleanup.add(person, (one) => one.close());
    await tab.getByText('Waits for a person').waitFor();
    assert.equal(await tab.getByRole('link', { name: 'Audit' }).count(), 0);
    await tab.goto('/audit');
    await tab.getByText('The record is not for your role').waitFor();
    await shoot(tab, 'audit-viewer');
  });
});
