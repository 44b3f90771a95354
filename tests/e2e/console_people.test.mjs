// People in the console: invited, they decide; a role changed holds at once; one's own password and sessions.
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { Cleanup, HttpUpstream, Preloop, connect, held, textOf } from './support/all.mjs';
import { Browser, DIALOG, shoot, tidy } from './support/browser.mjs';

const POLICY = 'version: 2\nrules:\n  - {tool: work, action: require_approval, message: "A person looks at this"}\n';

describe('people', () => {
  const cleanup = new Cleanup();
  let server, browser, owner, page, client, bo, other, invitation;
  before(async () => {
    server = cleanup.add(await Preloop.start(), (one) => one.dispose());
    const upstream = cleanup.add(await HttpUpstream.start(), (one) => one.close());
    await server.addServer(upstream.config('up'));
    await server.applyPolicy(POLICY);
    client = cleanup.add(await connect(server, await server.agentKey('claude')), (one) => one.close());
    browser = cleanup.add(await Browser.start(), (one) => one.close());
    owner = cleanup.add(await browser.person(server), (one) => one.close());
    await owner.context.grantPermissions(['clipboard-read', 'clipboard-write']);
  });
  beforeEach(() => tidy(page));
  after(() => cleanup.run());

  test('alone', async () => {
    page = await owner.signIn('/people');
    await page.getByText('You are alone here').waitFor();
    await shoot(page, 'people-alone', DIALOG);
  });

  test('an invited person joins as approver and approves', async () => {
    await page.getByRole('button', { name: 'Invite somebody' }).click();
    const form = page.getByRole('dialog', { name: 'Invite somebody' });
    await form.getByLabel('E-mail address').fill('bo@example.com');
    await form.getByLabel('Name', { exact: true }).fill('Bo Li');
    await form.getByLabel('Role').selectOption('approver');
    await shoot(page, 'invite', DIALOG);
    await form.getByRole('button', { name: 'Make the invitation' }).click();
    const shown = page.getByRole('dialog', { name: 'An invitation for bo@example.com' });
    invitation = await shown.locator('output').textContent();
    assert.ok(invitation.startsWith(`${server.url}/setup#token=`), invitation);
    await shoot(page, 'invitation', DIALOG);
    await shown.getByRole('button', { name: 'Copy', exact: true }).click();
    await page.keyboard.press('Escape');
    const row = page.getByRole('row').filter({ hasText: 'bo@example.com' });
    await row.getByText('Invited').waitFor();

    bo = cleanup.add(await browser.person(server), (one) => one.close());
    other = await bo.open(invitation);
    await other.getByRole('heading', { name: 'Welcome to Preloop' }).waitFor();
    await other.getByLabel('Password', { exact: true }).fill('another long password');
    await other.getByRole('button', { name: 'Join' }).click();
    await other.getByRole('heading', { name: 'Overview' }).waitFor();

    await other.goto('/approvals');
    const waiting = await held(server, client, 'up__work', { first: true });
    await other.locator(`[data-request="${waiting.approval.id}"]`).click();
    await other.getByRole('button', { name: 'Approve', exact: true }).click();
    assert.match(textOf(await waiting.result), /^did/);
    assert.equal((await server.approval(waiting.approval.id)).votes[0].person, 'bo@example.com');
  });

  test('a link works once', async () => {
    const guest = cleanup.add(await browser.person(server), (one) => one.close());
    const late = await guest.open(invitation);
    await late.getByRole('heading', { name: 'This link does not work' }).waitFor();
  });

  test('another role holds at once, in the session that is open', async () => {
    const waiting = await held(server, client, 'up__work', { second: true });
    await other.locator(`[data-request="${waiting.approval.id}"]`).click();
    await other.getByRole('button', { name: 'Approve', exact: true }).waitFor();
    await page.getByRole('button', { name: 'Change bo@example.com' }).click();
    await page.getByRole('menuitem', { name: 'Deactivate' }).waitFor();
    await page.screenshot({ path: 'build/screenshots/person-menu-light-1440.png' });
    await page.getByRole('menuitem', { name: 'Change the role' }).click();
    const form = page.getByRole('dialog', { name: 'The role of bo@example.com' });
    await form.getByLabel('Role').selectOption('viewer');
    await form.getByRole('button', { name: 'Change the role' }).click();
    await other.getByRole('button', { name: 'Approve', exact: true }).waitFor({ state: 'detached' });
    await page.getByRole('row').filter({ hasText: 'bo@example.com' }).getByText('viewer').waitFor();
    await server.decline(waiting.approval.id, 'no');
    await waiting.result;
    // And a viewer finds nothing to change here.
    await other.goto('/people');
    await other.getByRole('table', { name: 'People' }).waitFor();
    assert.deepEqual(await other.locator('main').getByRole('button').allTextContents(), []);
    await shoot(other, 'people-viewer');
  });

  test('a reset link, and deactivated', async () => {
    await page.getByRole('button', { name: 'Change bo@example.com' }).click();
    await page.getByRole('menuitem', { name: 'Make a reset link' }).click();
    await page.getByRole('button', { name: 'Make the link' }).click();
    const shown = page.getByRole('dialog', { name: 'A reset link for bo@example.com' });
    const link = await shown.locator('output').textContent();
    await shown.getByRole('button', { name: 'Copy', exact: true }).click();
    await page.keyboard.press('Escape');
    const phone = cleanup.add(await browser.person(server), (one) => one.close());
    const reset = await phone.open(link);
    await reset.getByLabel('Password', { exact: true }).fill('yet another password');
    await reset.getByRole('button', { name: 'Set the password' }).click();
    await reset.getByRole('heading', { name: 'Overview' }).waitFor();

    await page.getByRole('button', { name: 'Change bo@example.com' }).click();
    await page.getByRole('menuitem', { name: 'Deactivate' }).click();
    await shoot(page, 'person-deactivate', DIALOG);
    await page.getByRole('dialog').getByRole('button', { name: 'Deactivate' }).click();
    await page.getByText('Deactivated', { exact: true }).waitFor();
    await reset.getByRole('heading', { name: 'Sign in' }).waitFor();
    await server.rest.call('POST', '/users', { body: { email: 'eve@example.com', role: 'member', display_name: 'Eve Adams' } });
    await page.getByText('Eve Adams').waitFor();
    await shoot(page, 'people');
    await page.getByRole('button', { name: 'Change bo@example.com' }).click();
    await page.getByRole('menuitem', { name: 'Activate again' }).click();
    await page.getByText('Deactivated', { exact: true }).waitFor({ state: 'detached' });
  });

  test('the last owner stays', async () => {
    await page.getByRole('button', { name: `Change ${Preloop.OWNER}` }).click();
    await page.getByRole('menuitem', { name: 'Change the role' }).click();
    const form = page.getByRole('dialog');
    await form.getByLabel('Role').selectOption('viewer');
    await form.getByRole('button', { name: 'Change the role' }).click();
    await form.getByText(/this is the last owner/i).waitFor();
    await shoot(page, 'person-role-error', DIALOG);
    await page.keyboard.press('Escape');
  });

  test('what roles may', async () => {
    await page.getByRole('link', { name: 'What roles may' }).click();
    const { body } = await server.rest.call('GET', '/permissions');
    const table = page.getByRole('table', { name: 'What each role may' });
    await table.waitFor();
    const roles = ['viewer', 'member', 'approver', 'admin', 'owner'];
    const shown = await table.locator('tbody tr').evaluateAll((rows) =>
      rows.map((row) => [row.querySelector('th').textContent, ...[...row.querySelectorAll('td .visually-hidden')].map((cell) => cell.textContent)]),
    );
    assert.equal(shown.length, body.items.length);
    body.items.forEach((one, place) => {
      assert.ok(shown[place][0].startsWith(one.title));
      assert.deepEqual(shown[place].slice(1), roles.map((role) => (roles.indexOf(role) >= roles.indexOf(one.least_role) ? 'yes' : 'no')));
    });
    await shoot(page, 'roles');
  });

  test("one's own password and browsers", async () => {
    const laptop = cleanup.add(await browser.person(server), (one) => one.close());
    const second = await laptop.signIn('/');
    await page.getByRole('link', { name: 'Your sign-in' }).click();
    const table = page.getByRole('table', { name: 'Where you are signed in' });
    await table.getByText('this one').waitFor();
    await table.getByRole('button', { name: /Sign out/ }).waitFor();
    await page.getByLabel('Current password').fill('not the right one');
    await page.getByLabel('New password').fill('a much better sentence');
    await page.getByRole('button', { name: 'Change the password' }).click();
    await page.getByRole('alert').waitFor();
    await shoot(page, 'own-sign-in');
    await table.getByRole('button', { name: /Sign out/ }).click();
    await second.getByRole('heading', { name: 'Sign in' }).waitFor();
    await page.getByLabel('Current password').fill(Preloop.PASSWORD);
    await page.getByRole('button', { name: 'Change the password' }).click();
    await page.getByText('Your password is changed').waitFor();
    const third = await laptop.open('/sign-in');
    await third.getByLabel('E-mail address').fill(Preloop.OWNER);
    await third.getByLabel('Password', { exact: true }).fill('a much better sentence');
    await third.getByRole('button', { name: 'Sign in' }).click();
    await third.getByRole('heading', { name: 'Overview' }).waitFor();
  });
});
