// Settings in the console: facts and health, secrets by name, a policy brought in with its difference first.
import assert from 'node:assert/strict';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, beforeEach, describe, test } from 'node:test';
import { Cleanup, Preloop } from './support/all.mjs';
import { Browser, caretLine, DIALOG, pasteOver, shoot, tidy } from './support/browser.mjs';

const RULES = `version: 2
workflows:
  - {name: finance, approvers: [approver], quorum: 1, timeout: 600, require_reason: true}
rules:
  - {tool: pay, when: "args.amount <= 100", action: allow}
  - {tool: pay, action: require_approval, workflow: finance, message: "Payments above 100 need finance"}
`;

describe('settings', () => {
  const cleanup = new Cleanup();
  let server, browser, owner, page;
  before(async () => {
    server = cleanup.add(await Preloop.start({ example: true }), (one) => one.dispose());
    browser = cleanup.add(await Browser.start(), (one) => one.close());
    owner = cleanup.add(await browser.person(server), (one) => one.close());
  });
  beforeEach(() => tidy(page));
  after(() => cleanup.run());

  test('the server, and what is wrong with what to do', async () => {
    page = await owner.signIn('/settings');
    await page.getByText(server.dataDir).waitFor();
    const { body } = await server.rest.call('GET', '/status');
    await page.getByText(body.version, { exact: true }).waitFor();
    await shoot(page, 'settings');
    await server.rest.call('POST', '/mcp-servers', {
      body: { name: 'payroll', transport: 'streamable_http', url: 'http://127.0.0.1:9/mcp', auth: { type: 'bearer', token: 'secret:payroll_token' } },
      expect: 201,
    });
    await page.getByText('It is tried again with growing pauses').waitFor();
    await shoot(page, 'settings-unhealthy');
  });

  test('a secret is set, replaced and removed, and never shown', async () => {
    const value = 'ghp_not_to_be_seen_again';
    await page.getByRole('link', { name: 'Secrets' }).click();
    await page.getByText('No secrets yet').waitFor();
    await shoot(page, 'secrets-empty', DIALOG);
    await page.getByRole('button', { name: 'Set a secret' }).click();
    const form = page.getByRole('dialog', { name: 'Set a secret' });
    await form.getByLabel('Name').fill('payroll_token');
    await form.getByLabel('Value').fill(value);
    await shoot(page, 'secret-set', DIALOG);
    await form.getByRole('button', { name: 'Set the secret' }).click();
    const row = page.getByRole('row').filter({ hasText: 'payroll_token' });
    await row.getByText('payroll', { exact: true }).waitFor();
    assert.ok(!(await page.content()).includes(value));
    await shoot(page, 'secrets');
    // What another person sets appears by itself.
    await server.rest.call('PUT', '/secrets/other', { body: { value: 'x' } });
    await page.getByRole('cell', { name: 'other', exact: true }).waitFor();

    await row.getByRole('button', { name: 'Replace' }).click();
    await page.getByRole('dialog').getByLabel('Value').fill('a newer one');
    await page.getByRole('dialog').getByRole('button', { name: 'Replace' }).click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    assert.equal((await server.rest.call('GET', '/secrets')).body.items.find(({ name }) => name === 'payroll_token').version, 2);

    await row.getByRole('button', { name: 'Remove' }).click();
    await page.getByText('payroll cannot connect without it.').waitFor();
    await shoot(page, 'secret-remove', DIALOG);
    await page.getByRole('button', { name: 'Remove the secret' }).click();
    await row.waitFor({ state: 'detached' });
  });

  test('a policy with mistakes: each with its place; fixed, the difference; applied', async () => {
    await page.getByRole('link', { name: 'Policy' }).click();
    await page.getByRole('heading', { name: /In force: version/ }).waitFor();
    const area = page.getByLabel('Policy document');
    await pasteOver(page, area, RULES.replace('action: allow', 'acton: allow').replace('args.amount <= 100', 'args.amount <= '));
    await page.getByRole('button', { name: 'Show the difference' }).click();
    const problem = page.getByRole('button', { name: /Line 5, column \d+/ }).first();
    await problem.waitFor();
    await page.getByText(/did you mean 'action'/).waitFor();
    await shoot(page, 'policy-errors');
    await problem.click();
    assert.match(await caretLine(page, area), /acton: allow/);

    const before = (await server.rest.call('GET', '/status')).body.policy_version;
    await pasteOver(page, area, RULES);
    await page.getByRole('button', { name: 'Show the difference' }).click();
    await page.getByRole('list', { name: 'Changes' }).waitFor();
    assert.equal((await server.rest.call('GET', '/status')).body.policy_version, before);
    await page.getByLabel('Why').fill('Finance decides on payments');
    await shoot(page, 'policy-difference');
    await page.getByRole('button', { name: /^Apply/ }).click();
    await page.getByText(`In force: version ${before + 1}`).waitFor();
    await page.getByRole('table', { name: 'Policy versions' }).getByText('Finance decides on payments').waitFor();
    await shoot(page, 'policy');
  });

  test('what is exported and brought in again changes nothing', async () => {
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Export' }).click(),
    ]);
    const text = await readFile(await download.path(), 'utf8');
    assert.match(text, /Payments above 100 need finance/);
    await page.getByRole('button', { name: 'Edit', exact: true }).click();
    await page.getByRole('button', { name: 'Show the difference' }).click();
    await page.getByText('It is in force already').waitFor();
  });

  test('somebody was faster', async () => {
    await pasteOver(page, page.getByLabel('Policy document'), RULES.replace('<= 100', '<= 200'));
    await page.getByRole('button', { name: 'Show the difference' }).click();
    await page.getByRole('list', { name: 'Changes' }).waitFor();
    await server.applyPolicy(RULES.replace('<= 100', '<= 300'));
    await page.getByRole('button', { name: /^Apply/ }).click();
    await page.getByRole('alert').waitFor();
    await shoot(page, 'policy-conflict', DIALOG);
  });

  test('a rule that a page links to is found in the document', async () => {
    await page.goto('/settings?tab=policy&rule=account%3A2');
    const area = page.getByLabel('Policy document');
    assert.match(await caretLine(page, area), /^\s*- \{tool: pay, action: require_approval/);
  });

  test('an earlier version is put back, after its difference was shown', async () => {
    const { body } = await server.rest.call('GET', '/policies/versions');
    const [now, before] = body.items;
    await page.getByRole('button', { name: `Put back version ${before.number}` }).click();
    const changes = page.getByRole('list', { name: 'Changes' });
    await changes.getByText('args.amount <= 100').waitFor();
    await changes.getByText('args.amount <= 300').waitFor();
    assert.equal(await page.getByLabel('Why').inputValue(), `Back to version ${before.number}`);
    assert.equal((await server.rest.call('GET', '/status')).body.policy_version, now.number);
    await shoot(page, 'policy-put-back');
    await page.getByRole('button', { name: /^Apply/ }).click();
    await page.getByText(`In force: version ${now.number + 1}`).waitFor();
    const document = await server.ok(['policy', 'export'], { key: server.operator });
    assert.match(document, /args.amount <= 100/);
    const versions = page.getByRole('table', { name: 'Policy versions' });
    await versions.getByRole('row').filter({ hasText: 'In force' }).getByText(`Back to version ${before.number}`).waitFor();
    assert.equal(await versions.getByRole('button', { name: `Put back version ${now.number + 1}` }).count(), 0);
    await versions.scrollIntoViewIfNeeded();
    await shoot(page, 'policy-versions', DIALOG);
  });

  test('on a phone the difference has the screen to itself, and the deed is at the thumb', async () => {
    const phone = cleanup.add(await browser.person(server, { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true }), (one) => one.close());
    const small = await phone.signIn('/settings?tab=policy');
    await small.getByRole('button', { name: 'Edit', exact: true }).tap();
    const area = small.getByLabel('Policy document');
    await area.and(small.locator(':focus')).waitFor();
    await small.getByRole('navigation', { name: 'Parts of the document' }).getByRole('button', { name: /^rules \d/ }).tap();
    assert.match(await caretLine(small, area), /^rules:/);
    await shoot(small, 'policy-editing', [360, 768]);
    await pasteOver(small, area, RULES.replace('<= 100', '<= 150'));
    await small.getByRole('button', { name: 'Show the difference' }).tap();
    await small.getByRole('list', { name: 'Changes' }).waitFor();
    assert.equal(await area.isVisible(), false);
    const deed = small.getByRole('button', { name: /^Apply/ });
    const { y, height } = await deed.boundingBox();
    assert.ok(height >= 48 && y + height <= 740, `at ${y}, ${height} high`);
    await shoot(small, 'policy-deciding', [360]);
    await small.getByRole('button', { name: 'Back to the text' }).tap();
    assert.equal(await area.isVisible(), true);
    await pasteOver(small, area, RULES);
    await small.getByRole('button', { name: 'Show the difference' }).tap();
    await small.getByText('It is in force already').waitFor();
  });

  test('a workflow is added, changed and removed', async () => {
    await page.goto('/settings?tab=workflows');
    await page.getByRole('button', { name: 'Add workflow' }).click();
    const form = page.getByRole('dialog');
    await form.getByRole('textbox', { name: 'Name' }).fill('night-shift');
    await form.getByLabel('Add to who is asked').selectOption('admin');
    await form.getByLabel('Add to who is asked').selectOption('An e-mail address…');
    await form.getByLabel('E-mail address').fill('bo@example.com');
    await form.getByRole('button', { name: 'Add', exact: true }).click();
    await form.getByLabel('A call waits for', { exact: true }).fill('2');
    await form.getByLabel('Unit of a call waits for').selectOption('hours');
    await form.getByLabel('A comment is required').check();
    await shoot(page, 'workflow-form', DIALOG);
    await form.getByRole('button', { name: 'Add workflow' }).click();
    await form.waitFor({ state: 'detached' });
    const row = page.getByRole('row').filter({ hasText: 'night-shift' });
    await row.getByText('admin, bo@example.com').waitFor();
    await row.getByText('2 hours').waitFor();
    const written = async () => (await server.rest.call('GET', '/approval-workflows/night-shift')).body;
    assert.deepEqual([(await written()).timeout, (await written()).require_reason], [7200, true]);

    // What somebody else changed meanwhile is not overwritten unseen.
    await row.getByRole('button', { name: 'Change night-shift' }).click();
    await form.getByLabel('Approvals needed').fill('2');
    const theirs = await server.rest.call('GET', '/approval-workflows/night-shift');
    await server.rest.call('PUT', '/approval-workflows/night-shift', {
      body: { approvers: ['owner'], quorum: 1, timeout: 60 },
      headers: { 'If-Match': theirs.headers.get('etag') },
    });
    await form.getByRole('button', { name: 'Save workflow' }).click();
    await form.getByText('Somebody else changed this workflow meanwhile').waitFor();
    assert.equal((await written()).timeout, 60);
    await form.getByRole('button', { name: 'Save workflow' }).click();
    await form.waitFor({ state: 'detached' });
    assert.deepEqual([(await written()).quorum, (await written()).approvers], [2, ['admin', 'bo@example.com']]);

    // A quorum nobody reaches is refused with the server's words.
    await row.getByRole('button', { name: 'Change night-shift' }).click();
    await form.getByLabel('Who is asked 1').selectOption(Preloop.OWNER);
    await form.getByLabel('Approvals needed').fill('3');
    await form.getByRole('button', { name: 'Save workflow' }).click();
    await form.getByText(/a quorum of 3 cannot be reached by 2 people/).first().waitFor();
    await page.keyboard.press('Escape');
    await form.waitFor({ state: 'detached' });
    await row.getByRole('button', { name: 'Remove night-shift' }).click();
    await form.getByRole('button', { name: 'Remove the workflow' }).click();
    await row.waitFor({ state: 'detached' });
  });

  test('workflows and backup', async () => {
    await page.getByRole('link', { name: 'Workflows' }).click();
    await page.getByText('finance', { exact: true }).first().waitFor();
    await page.getByText('a comment is required').waitFor();
    await shoot(page, 'workflows');
    await page.getByRole('link', { name: 'Backup' }).click();
    await page.getByText(`--data-dir ${server.dataDir}`).first().waitFor();
    await shoot(page, 'backup');
    // The command that is shown works as it is.
    const shown = await page.locator('pre').first().textContent();
    const file = join(server.root, 'console.backup');
    const [, ...args] = shown.replace('/backups/preloop.backup', file).split(' ');
    await server.ok([...args, '--passphrase-stdin'], { input: 'a passphrase for the keys\n' });
    assert.ok((await stat(file)).size > 0);
  });

  test('a viewer reads what may be read', async () => {
    const { person, page: seen } = await browser.invited(server, { email: 'vi@example.com', role: 'viewer' });
    cleanup.add(person, (one) => one.close());
    await seen.goto('/settings');
    await seen.getByText('Admins see how the server was started').waitFor();
    assert.equal(await seen.getByRole('link', { name: 'Secrets' }).count(), 0);
    await seen.goto('/settings?tab=secrets');
    await seen.getByText('Admins keep the secrets').waitFor();
    await seen.goto('/settings?tab=policy');
    await pasteOver(seen, seen.getByLabel('Policy document'), RULES.replace('<= 100', '<= 7'));
    await seen.getByRole('button', { name: 'Show the difference' }).click();
    await seen.getByRole('list', { name: 'Changes' }).waitFor();
    assert.equal(await seen.getByRole('button', { name: /^Apply/ }).count(), 0);
    await shoot(seen, 'policy-viewer');
  });
});
