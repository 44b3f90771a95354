// Agents & keys in the console: an agent and its key made by hand call tools at once; suspended, revoked, ended.
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { Cleanup, Preloop, call, connect, held, textOf } from './support/all.mjs';
import { Browser, DIALOG, shoot, shownOnce, tidy } from './support/browser.mjs';

const POLICY = `version: 2
rules:
  - {tool: pay, when: "args.amount <= 100", action: allow}
  - {tool: pay, when: "args.amount <= 1000", action: require_approval, message: "Payments above 100 need a person"}
  - {tool: pay, action: deny, message: "Payments above 1000 are not possible here."}
scopes:
  agents:
    claude: {rules: [{tool: rollback_deployment, action: deny, message: "Not from a laptop"}]}
`;

describe('agents and keys', () => {
  const cleanup = new Cleanup();
  let server, browser, owner, page, key, client;
  before(async () => {
    server = cleanup.add(await Preloop.start({ example: true }), (one) => one.dispose());
    browser = cleanup.add(await Browser.start(), (one) => one.close());
    owner = cleanup.add(await browser.person(server), (one) => one.close());
    await owner.context.grantPermissions(['clipboard-read', 'clipboard-write']);
  });
  beforeEach(() => tidy(page));
  after(() => cleanup.run());

  test('an agent and its key, made in the console, call a tool', async () => {
    page = await owner.signIn('/agents');
    await page.getByRole('heading', { name: 'Agents & keys' }).waitFor();
    await page.getByRole('button', { name: 'New agent' }).click();
    const form = page.getByRole('dialog', { name: 'New agent' });
    await form.getByLabel('Name').fill('claude');
    await form.getByLabel('Kind').fill('claude-code');
    await form.getByLabel('Tags').fill('laptop, prod');
    await shoot(page, 'agent-new', DIALOG);
    await form.getByRole('button', { name: 'Make the agent' }).click();
    await page.getByRole('dialog', { name: 'A key for claude' }).waitFor();
    const { dialog, secret } = await shownOnce(page);
    key = secret;
    assert.match(key, /^pla_/);
    const config = await dialog.locator('pre').textContent();
    assert.ok(config.startsWith('claude mcp add-json'), config);
    assert.deepEqual(JSON.parse(/'(.*)'/.exec(config)[1]), {
      type: 'http',
      url: `${server.url}/mcp/v1`,
      timeout: 3600000,
      headers: { Authorization: `Bearer ${key}` },
    });
    await shoot(page, 'agent-key');
    // It asks before it goes for good without having been copied.
    await dialog.getByRole('button', { name: 'Close' }).click();
    await dialog.getByRole('alert').waitFor();
    await dialog.getByRole('button', { name: 'Copy', exact: true }).first().click();
    assert.equal(await page.evaluate(() => navigator.clipboard.readText()), key);
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });

    await server.applyPolicy(POLICY);
    client = cleanup.add(await connect(server, key, { name: 'claude-code' }), (one) => one.close());
    const answer = await call(client, 'example__pay', { recipient: 'Ana', amount: 5 });
    assert.notEqual(answer.isError, true, textOf(answer));
    // The list says so by itself.
    const row = page.getByRole('row').filter({ hasText: 'claude-code' });
    await row.getByText(/just now|s ago/).waitFor();
    await shoot(page, 'agents');
  });

  test('what it may do, its keys and its sessions, live', async () => {
    await page.getByRole('link', { name: /^claude/ }).click();
    await page.getByRole('heading', { name: 'claude', exact: true }).waitFor();
    await page.getByText('args.amount <= 100', { exact: true }).waitFor();
    await page.getByText('Not from a laptop').waitFor();
    await page.getByRole('table', { name: 'Sessions of claude' }).getByText('Open').waitFor();
    await shoot(page, 'agent');
    // A rule that others add shows here.
    await server.applyPolicy(POLICY.replace('Not from a laptop', 'Only from the pipeline'));
    await page.getByText('Only from the pipeline').waitFor();
  });

  test('renamed, with other tags', async () => {
    await page.getByRole('button', { name: 'Change', exact: true }).click();
    const form = page.getByRole('dialog', { name: 'Change claude' });
    await form.getByLabel('Name').fill('bad name');
    await form.getByRole('button', { name: 'Save' }).click();
    await form.getByRole('alert').waitFor();
    await form.getByLabel('Name').fill('claude-ana');
    await form.getByLabel('Tags').fill('laptop');
    await form.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('heading', { name: 'claude-ana' }).waitFor();
    // The rules of the old name are not its own any more.
    await page.getByText('Only from the pipeline').waitFor({ state: 'detached' });
  });

  test('an ended session is another one with the next call', async () => {
    const sessions = page.getByRole('table', { name: 'Sessions of claude-ana' });
    await sessions.getByRole('button', { name: 'End' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'End session' }).click();
    await sessions.getByText('ended in the console').waitFor();
    await call(client, 'example__get_balance', {});
    await sessions.getByText('Open').waitFor();
  });

  test('suspended it is refused and its waiting request is cancelled; resumed it goes on', async () => {
    const waiting = await held(server, client, 'example__pay', { recipient: 'Bo', amount: 500 });
    await page.getByRole('button', { name: 'Suspend' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('One waiting request of it will be cancelled').waitFor();
    await shoot(page, 'agent-suspend', DIALOG);
    await dialog.getByRole('button', { name: 'Suspend' }).click();
    await page.getByText('Suspended: every call is refused').waitFor();
    await page.getByRole('table', { name: /^Sessions/ }).getByText('Open').waitFor({ state: 'detached' });
    await waiting.result.catch(() => {});
    assert.equal((await server.approval(waiting.approval.id)).status, 'cancelled');
    await assert.rejects(connect(server, key));
    await shoot(page, 'agent-suspended');
    await page.getByRole('button', { name: 'Resume' }).click();
    await page.getByRole('button', { name: 'Suspend' }).waitFor();
    client = cleanup.add(await connect(server, key, { name: 'claude-code' }), (one) => one.close());
    assert.notEqual((await call(client, 'example__get_balance', {})).isError, true);
  });

  test('a revoked key is refused', async () => {
    await page.getByRole('button', { name: 'New key' }).click();
    const form = page.getByRole('dialog', { name: 'New key for claude-ana' });
    await form.getByLabel('Name').fill('ci');
    await form.getByLabel('Valid').selectOption({ label: '90 days' });
    await form.getByRole('button', { name: 'Make the key' }).click();
    const { dialog, secret } = await shownOnce(page);
    await dialog.getByRole('button', { name: 'Copy', exact: true }).first().click();
    await page.keyboard.press('Escape');
    const table = page.getByRole('table', { name: 'Keys of claude-ana' });
    // A date so far away is written out; its month, whatever day this runs.
    const month = new Date(Date.now() + 90 * 24 * 3600 * 1000).toLocaleDateString('en', { month: 'short' });
    await table.getByText(month).first().waitFor();
    const second = await connect(server, secret);
    assert.notEqual((await call(second, 'example__get_balance', {})).isError, true);

    const other = await held(server, client, 'example__pay', { recipient: 'Bo', amount: 600 });
    await table.getByRole('button', { name: 'Revoke ci' }).click();
    const sure = page.getByRole('dialog', { name: 'Revoke ci?' });
    await sure.getByText('its open session and streams').waitFor();
    assert.equal(await sure.getByText(/waiting request/).count(), 0);
    await shoot(page, 'key-revoke', DIALOG);
    await sure.getByRole('button', { name: 'Revoke key' }).click();
    await table.getByRole('cell', { name: 'ci', exact: true }).waitFor({ state: 'detached' });
    await assert.rejects(call(second, 'example__get_balance', {}));
    await assert.rejects(connect(server, secret));
    await second.close().catch(() => {});
    // The other key of the same agent is not touched, nor is its request.
    await server.approve(other.approval.id);
    assert.notEqual((await other.result).isError, true);
    assert.notEqual((await call(client, 'example__get_balance', {})).isError, true);
    await page.getByRole('button', { name: /that ended/ }).click();
    await table.getByText('Revoked', { exact: true }).waitFor();
  });

  test('an operator key that decides asks for the password when the last is old', async () => {
    await page.goto('/agents?tab=keys');
    await page.getByRole('button', { name: 'New key' }).click();
    const form = page.getByRole('dialog', { name: 'New operator key' });
    await form.getByLabel('Name').fill('deploy');
    await form.getByLabel('Decide').check();
    // Five minutes are long for a test: the server's answer to an old sign-in, once.
    let wasAsked = false;
    await page.route('**/auth/api-keys', async (route) => {
      if (route.request().method() !== 'POST' || wasAsked) return await route.fallback();
      wasAsked = true;
      const problem = { type: 'about:blank', title: 'Forbidden', status: 403, detail: 'a key that decides or configures needs your password again', errors: [{ path: 'auth', message: 'step_up' }] };
      await route.fulfill({ status: 403, contentType: 'application/problem+json', body: JSON.stringify(problem) });
    });
    await form.getByRole('button', { name: 'Make the key' }).click();
    const ask = page.getByRole('dialog', { name: 'Your password, please' });
    await ask.getByLabel('Password', { exact: true }).fill('not this one at all');
    await ask.getByRole('button', { name: 'Continue' }).click();
    await ask.getByRole('alert').waitFor();
    await shoot(page, 'password-again', DIALOG);
    await ask.getByLabel('Password', { exact: true }).fill(Preloop.PASSWORD);
    await page.keyboard.press('Enter');
    await page.getByRole('dialog', { name: 'Operator key deploy' }).waitFor();
    const { dialog, secret } = await shownOnce(page);
    const { body } = await server.rest.call('GET', '/auth/me', { key: secret });
    assert.deepEqual(body.key.scopes, ['read', 'decide']);
    await dialog.getByRole('button', { name: 'Copy', exact: true }).first().click();
    await page.keyboard.press('Escape');
    await page.unroute('**/auth/api-keys');
    const mine = page.getByRole('cell', { name: /^deploy/ });
    await mine.waitFor();
    await shoot(page, 'operator-keys');
    await page.getByRole('button', { name: 'Revoke deploy' }).click();
    await page.getByRole('button', { name: 'Revoke key' }).click();
    await mine.waitFor({ state: 'detached' });
    await server.rest.call('GET', '/auth/me', { key: secret, expect: 401 });
  });

  test('removed by keyboard alone', async () => {
    const { body } = await server.rest.call('POST', '/agents', { body: { name: 'old-bot' }, expect: 201 });
    await page.goto(`/agents/${body.id}`);
    await page.getByText('No keys yet').waitFor();
    await shoot(page, 'agent-empty', DIALOG);
    await page.getByRole('button', { name: 'Remove' }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').getByRole('button', { name: 'Remove the agent' }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Agents & keys' }).waitFor();
    await page.getByText('old-bot', { exact: true }).waitFor({ state: 'detached' });
    await page.goto(`/agents/${body.id}`);
    await page.getByRole('heading', { name: 'There is no such agent' }).waitFor();
  });

  test('a viewer sees no button that would fail', async () => {
    const { person, page: seen } = await browser.invited(server, { email: 'vi@example.com', role: 'viewer' });
    cleanup.add(person, (one) => one.close());
    await seen.goto('/agents');
    await seen.getByRole('link', { name: /^claude-ana/ }).click();
    await seen.getByText('Its owner and admins see its keys').waitFor();
    await seen.getByRole('table', { name: /Sessions/ }).waitFor();
    assert.deepEqual(await seen.locator('main').getByRole('button').allTextContents(), []);
    await shoot(seen, 'agent-viewer');
  });
});
