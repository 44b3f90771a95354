// The emergency stop: from a terminal and from the console, over a restart, with deadlines that wait.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Cleanup, HttpUpstream, Preloop, call, connect, held, textOf } from './support/all.mjs';
import { Browser } from './support/browser.mjs';

const POLICY = `version: 2
rules:
  - {tool: work, when: "has(args.ask)", action: require_approval}
  - {tool: work, action: allow}
`;

describe('halt', () => {
  const cleanup = new Cleanup();
  let server, upstream, client, key;
  before(async () => {
    server = cleanup.add(await Preloop.start(), (one) => one.dispose());
    upstream = cleanup.add(await HttpUpstream.start(), (one) => one.close());
    await server.addServer(upstream.config('up'));
    await server.applyPolicy(POLICY);
    key = await server.agentKey('bot');
    client = cleanup.add(await connect(server, key), (one) => one.close());
  });
  after(() => cleanup.run());

  const halts = async () => JSON.parse(await server.ok(['halt', 'status', '--output', 'json'], { key: server.operator })).items;

  test('halt on stops every call at once, halt off lets them go, and a restart changes nothing', async () => {
    assert.equal((await call(client, 'up__work', { n: 1 })).isError ?? false, false);
    const { approval, result } = await held(server, client, 'up__work', { ask: 1 });
    await server.ok(['halt', 'on', '--scope', 'tools', '--reason', 'an attack'], { key: server.operator });
    const refused = await call(client, 'up__work', { n: 2 });
    assert.equal(refused.isError, true);
    assert.match(textOf(refused), /halted by a person/);
    const [scope] = await halts();
    assert.equal(scope.halted, true);
    assert.equal(scope.reason, 'an attack');
    // A person may decide, and nothing runs.
    await server.approve(approval.id);
    assert.match(textOf(await result), /halted by a person/);
    assert.equal((await server.approval(approval.id)).status, 'approved');

    await client.close();
    await server.restart();
    assert.equal((await halts())[0].halted, true);
    client = cleanup.add(await connect(server, key), (one) => one.close());
    assert.match(textOf(await call(client, 'up__work', { n: 3 })), /halted by a person/);
    await server.ok(['halt', 'off'], { key: server.operator });
    assert.equal((await halts())[0].halted, false);
    // The approval stood; the identical call uses it.
    assert.equal((await call(client, 'up__work', { ask: 1 })).isError ?? false, false);
    assert.equal((await server.approval(approval.id)).status, 'succeeded');
    const kinds = (await server.audit()).records.map(({ kind }) => kind);
    assert.ok(kinds.includes('system.halted') && kinds.includes('system.resumed'));
  });

  test('a halt without a reason, and an agent who tries, are refused', async () => {
    assert.equal((await server.cli(['halt', 'on'], { key: server.operator })).code, 2);
    await server.rest.call('PUT', '/account/kill-switch', { body: { halted: true, scopes: ['tools'] }, expect: 400 });
    await server.rest.call('PUT', '/account/kill-switch', { body: { halted: true, scopes: ['tools'], reason: 'x' }, key, expect: 403 });
    assert.equal((await halts())[0].halted, false);
  });

  test('the console halts with a reason, shows it on every page, and releases', async () => {
    const browser = cleanup.add(await Browser.start(), (one) => one.close());
    const owner = cleanup.add(await browser.person(server), (one) => one.close());
    const page = await owner.signIn('/tools');
    await page.locator('[data-live="live"]').waitFor({ state: 'attached' });
    await page.getByRole('button', { name: 'Halt all calls…' }).first().click();
    await page.getByLabel('Why').fill('too many payments');
    await page.getByRole('button', { name: 'Halt everything' }).click();
    await page.locator('[data-halted="yes"]').getByText('too many payments').waitFor();
    assert.match(textOf(await call(client, 'up__work', { n: 4 })), /halted by a person/);
    await page.goto('/approvals');
    await page.locator('[data-halted="yes"]').getByRole('button', { name: 'Release' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Release' }).click();
    await page.locator('[data-halted="no"]').waitFor({ state: 'attached' });
    assert.equal((await call(client, 'up__work', { n: 5 })).isError ?? false, false);
  });
});
