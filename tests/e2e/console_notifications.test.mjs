// Notifications in the console: setting them up, and the page behind a link in a letter, on a phone.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import smtpTester from 'smtp-tester';
import { Cleanup, HttpUpstream, Log, Preloop, connect, freePort, held } from './support/all.mjs';
import { Browser, shoot } from './support/browser.mjs';

describe('notifications in the console', () => {
  const cleanup = new Cleanup();
  const letters = new Log();
  let server, browser, client, port;
  before(async () => {
    server = cleanup.add(await Preloop.start(), (one) => one.dispose());
    const upstream = cleanup.add(await HttpUpstream.start(), (one) => one.close());
    await server.addServer(upstream.config('up'));
    await server.applyPolicy('version: 2\nrules:\n  - {tool: work, action: require_approval, message: "Work needs a person"}\n');
    client = cleanup.add(await connect(server, await server.agentKey()), (one) => one.close());
    port = await freePort();
    const mail = cleanup.add(smtpTester.init(port), (one) => new Promise((stopped) => one.stop(stopped)));
    mail.bind((address, id, email) => letters.add(email));
    browser = cleanup.add(await Browser.start(), (one) => one.close());
  });
  after(() => cleanup.run());

  test('e-mail is set up, tried, and the delivery shown', async () => {
    const owner = cleanup.add(await browser.person(server), (one) => one.close());
    const page = await owner.signIn('/settings?tab=notifications');
    await page.getByText('No channel to people is set up yet').waitFor();
    await page.getByRole('button', { name: 'Add a channel' }).click();
    const form = page.getByRole('dialog', { name: 'Add a channel' });
    await form.getByLabel('Server').fill('127.0.0.1');
    await form.getByLabel('Port').fill(String(port));
    await form.getByLabel('Security').selectOption('none');
    await form.getByLabel('From').fill('Preloop <preloop@example.com>');
    await form.getByRole('button', { name: 'Add' }).click();
    await page.getByRole('cell', { name: `127.0.0.1:${port}` }).waitFor();
    await page.getByRole('button', { name: /^Send me a test/ }).click();
    await letters.find((one) => one.headers.subject === 'Preloop can reach you');
    await server.rest.call('GET', '/notification-deliveries').then(({ body }) => assert.equal(body.items.length, 1));
    await page.getByRole('button', { name: 'Look again' }).click();
    await page.getByRole('table', { name: 'Deliveries' }).getByText('sent', { exact: true }).waitFor();
    await page.getByLabel('Quiet hours: messages wait').check();
    await page.getByLabel('Time zone').fill('Europe/Berlin');
    await shoot(page, 'settings-notifications');
    await page.getByRole('button', { name: 'Save how you are reached' }).click();
    await page.getByText('Saved.').waitFor();
    const headers = await server.signIn();
    const { body, etag } = await server.rest.call('GET', '/notification-settings', { key: null, headers });
    assert.deepEqual(body.quiet_hours, { from: '22:00', to: '07:00', time_zone: 'Europe/Berlin' });
    await server.rest.call('PUT', '/notification-settings', { body: { steps: body.steps, quiet_hours: null }, key: null, headers: { ...headers, 'If-Match': etag } });
  });

  test('on a phone without a session the link in the letter decides, by its button only', async () => {
    const phone = cleanup.add(await browser.person(server, { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true }), (one) => one.close());
    const { approval, result } = await held(server, client, 'up__work', { amount: 40 });
    const email = await letters.find((one) => /amount 40$/.test(one.headers.subject));
    const [, link] = /Decline: (\S+)/.exec(email.body);
    const page = await phone.open(link);
    await page.getByText('You decide as ana@example.com').waitFor();
    await shoot(page, 'link-decision');
    assert.equal((await server.approval(approval.id)).status, 'pending');
    // The network is away at first: nothing is claimed that did not happen, and the decision can be sent again.
    await phone.context.setOffline(true);
    await page.getByLabel('Comment').fill('too much');
    await page.getByRole('button', { name: 'Decline' }).tap();
    await page.getByRole('alert').waitFor();
    assert.equal((await server.approval(approval.id)).status, 'pending');
    await phone.context.setOffline(false);
    await page.getByRole('button', { name: 'Decline' }).tap();
    await page.getByText('Your decision is recorded.').waitFor();
    await result;
    const { status, votes } = await server.approval(approval.id);
    assert.deepEqual([status, votes[0].comment, votes[0].channel], ['declined', 'too much', 'email']);
    const again = await phone.open(link);
    await again.getByText('There is nothing left to decide with this link.').waitFor();
    const wrong = await phone.open(link.replace(/link=.{43}/, `link=${'x'.repeat(43)}`));
    await wrong.getByText('This link does not work').waitFor();
  });
});
