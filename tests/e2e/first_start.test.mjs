// What a newcomer meets: an empty data dir, the link, the example, and one call of each kind.
import assert from 'node:assert/strict';
import { copyFile, mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Cleanup, PRELOOP_BIN, Preloop, call, connect, held, textOf } from './support/all.mjs';

describe('first start', () => {
  let server;
  let agent;

  before(async () => {
    server = await Preloop.start({ owner: false, example: true, dropRoot: true });
  });
  after(() => server?.dispose());

  test('prints a one-time link and three commands', async () => {
    const [, setup] = await server.stdout.match(/(http:\S+\/setup#token=\S+)/);
    assert.ok(setup.startsWith(`${server.url}/setup#token=`));
    for (const command of [/tools call get_balance\n/, /tools call pay .*"amount":50/, /tools call pay .*"amount":150/, /approvals approve last/]) {
      assert.match(server.stdout.text, command);
    }
    assert.equal((await stat(server.dataDir)).mode & 0o777, 0o700);
    assert.equal((await stat(join(server.dataDir, 'keys', 'master.key'))).mode & 0o777, 0o600);
  });

  test('the link makes the owner, and works once', async () => {
    const [, token] = /#token=(\S+)/.exec(server.stdout.text);
    const shown = await server.rest.call('POST', '/auth/link', { body: { token } });
    assert.equal(shown.body.purpose, 'setup');
    const page = await fetch(`${server.url}/setup`);
    assert.equal(page.status, 200);
    assert.match(page.headers.get('content-security-policy'), /default-src 'none'/);
    const redeem = { token, password: Preloop.PASSWORD, email: Preloop.OWNER };
    const made = await server.rest.call('POST', '/auth/setup', { body: redeem });
    assert.equal(made.body.person.role, 'owner');
    assert.match(made.headers.get('set-cookie'), /^preloop=.*HttpOnly/i);
    const again = await server.rest.call('POST', '/auth/setup', { body: redeem, expect: 404 }).catch(async () =>
      server.rest.call('POST', '/auth/setup', { body: redeem, expect: 400 }),
    );
    assert.ok(again.body.detail);
    server.operator = (await server.createKey('operator', 'test', ['--scopes', 'read,decide,configure'])).key;
  });

  test('wrote a credential for the local command line', async () => {
    const file = join(server.home, '.preloop', 'config.yaml');
    assert.equal((await stat(file)).mode & 0o777, 0o600);
    [agent] = /pla_\S+/.exec(await readFile(file, 'utf8'));
    const { stdout, code, stderr } = await server.cli(['tools', 'call', 'get_balance']);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /balance is 10000\.00 EUR/);
  });

  test('the official client sees the example tools', async () => {
    const client = await connect(server, agent);
    const { tools } = await client.listTools();
    assert.deepEqual(
      tools.map((tool) => tool.name).sort(),
      ['example__get_balance', 'example__pay', 'example__rollback_deployment', 'example__slow_count'],
    );
    const pay = tools.find((tool) => tool.name === 'example__pay');
    assert.equal(pay.annotations.destructiveHint, true);
    assert.deepEqual(pay.inputSchema.required, ['recipient', 'amount']);
    await client.close();
  });

  test('50 is paid', async () => {
    const client = await connect(server, agent);
    const result = await client.callTool({ name: 'example__pay', arguments: { recipient: 'Ana', amount: 50 } });
    assert.ok(!result.isError);
    assert.match(textOf(result), /^Paid 50\.00 EUR to Ana\. The balance is 9950\.00 EUR\.$/);
    await client.close();
  });

  test('5000 is denied with the limit in the words', async () => {
    const client = await connect(server, agent);
    const result = await client.callTool({ name: 'example__pay', arguments: { recipient: 'Ana', amount: 5000 } });
    assert.equal(result.isError, true);
    assert.match(textOf(result), /Denied: Payments above 1000 are not possible here\. Nothing was executed\./);
    const balance = await client.callTool({ name: 'example__get_balance', arguments: {} });
    assert.deepEqual(balance.structuredContent, { balance: 9950, currency: 'EUR' });
    await client.close();
  });

  test('arguments that do not fit are refused with the path', async () => {
    const client = await connect(server, agent);
    const result = await call(client, 'example__pay', { recipient: 'Ana', amount: 'much' });
    assert.equal(result.isError, true);
    assert.match(textOf(result), /amount/);
    assert.match(textOf(result), /number/);
    await client.close();
  });

  test('150 is held with progress, approved over REST, and paid', async () => {
    const client = await connect(server, agent);
    const waiting = await held(server, client, 'example__pay', { recipient: 'Bo', amount: 150, memo: 'rent' });
    assert.match(waiting.message, /Waiting for approval by .*approver.* \(\d+ s left\)/);
    assert.equal(waiting.approval.tool, 'pay');
    assert.equal(waiting.approval.agent, 'example');
    assert.deepEqual(waiting.approval.arguments, { recipient: 'Bo', amount: 150, memo: 'rent' });
    assert.equal(waiting.approval.message, 'Payments above 100 need a person');
    const decided = await server.approve(waiting.approval.id, { body: { comment: 'fine' } });
    assert.equal(decided.body.votes[0].decision, 'approve');
    const result = await waiting.result;
    assert.match(textOf(result), /^Paid 150\.00 EUR to Bo \(rent\)\. The balance is 9800\.00 EUR\.$/);
    assert.equal((await server.approval(waiting.approval.id)).status, 'succeeded');
    await client.close();
  });

  test('a decline with a comment reaches the agent', async () => {
    const client = await connect(server, agent);
    const waiting = await held(server, client, 'example__pay', { recipient: 'Cy', amount: 151 });
    await server.decline(waiting.approval.id, 'ask again in May');
    const result = await waiting.result;
    assert.equal(result.isError, true);
    assert.match(textOf(result), /Declined by a person\. The reason given: "ask again in May"\. Nothing was executed\./);
    await client.close();
  });

  test('tools call shows the wait as a line, and exits 0 when it was approved', async () => {
    const waiting = server.spawnCli(['tools', 'call', 'pay', '--args', '{"recipient":"Di","amount":160}']);
    await waiting.stderr.match(/Waiting for approval by/);
    const listed = JSON.parse(await server.ok(['approvals', 'pending', '--output', 'json'], { key: server.operator }));
    assert.equal(listed.items.length, 1);
    assert.equal(listed.items[0].arguments.amount, 160);
    const table = await server.ok(['approvals', 'pending'], { key: server.operator });
    assert.match(table, /STATUS/);
    assert.match(table, /pending/);
    const approved = await server.ok(['approvals', 'approve', 'last', '--comment', 'ok'], { key: server.operator });
    assert.match(approved, /^pay .* of agent example is (approved|executing|succeeded)/);
    assert.deepEqual(await waiting.exited, { code: 0, signal: null });
    assert.match(waiting.stdout.text, /^Paid 160\.00 EUR to Di/);
  });

  test('tools call exits 1 when it was declined, denied or unknown, 2 when used wrongly', async () => {
    const waiting = server.spawnCli(['tools', 'call', 'pay', '--args', '{"recipient":"Ed","amount":161}']);
    await waiting.stderr.match(/Waiting for approval by/);
    await server.ok(['approvals', 'decline', 'last', '--comment', 'no'], { key: server.operator });
    assert.deepEqual(await waiting.exited, { code: 1, signal: null });
    assert.match(waiting.stdout.text, /Declined by a person\. The reason given: "no"\./);
    const cases = [
      [['tools', 'call', 'pay', '--args', '{"recipient":"Ed","amount":5000}'], 1],
      [['tools', 'call', 'no_such_tool'], 1],
      [['tools', 'call', 'pay', '--args', 'not json'], 2],
      [['tools', 'call'], 2],
      [['no-such-noun'], 2],
      [['approvals', 'approve', 'last'], 1],
    ];
    for (const [args, expected] of cases) {
      const { code, stderr, stdout } = await server.cli(args);
      assert.equal(code, expected, `${args.join(' ')}: ${stdout}${stderr}`);
    }
  });

  test('an agent key opens nothing for a person, and an operator key calls no tools', async () => {
    const refused = await server.rest.call('GET', '/approval-requests', { key: agent, expect: 403 });
    assert.match(refused.body.detail, /agent/i);
    const { code, stderr } = await server.cli(['approvals', 'pending'], { key: agent });
    assert.equal(code, 1);
    assert.match(stderr, /^preloop: /);
    await assert.rejects(connect(server, server.operator), /operator key; MCP needs an agent/);
  });

  test('removing the example is for good', async () => {
    await server.ok(['servers', 'remove', 'example'], { key: server.operator });
    const { code } = await server.stop();
    assert.equal(code, 0);
    await server.serve();
    assert.doesNotMatch(server.stdout.text, /setup#token|Then try/);
    const client = await connect(server, agent);
    assert.deepEqual((await client.listTools()).tools, []);
    await client.close();
  });
});

test('regression: the example works when the server’s user cannot enter the folder of the program', async (t) => {
  if (process.getuid() !== 0) return t.skip('only root becomes somebody else');
  const cleanup = new Cleanup();
  try {
    const folder = cleanup.add(await mkdtemp(join(tmpdir(), 'preloop-private-')), (one) => rm(one, { recursive: true }));
    const binary = join(folder, 'preloop');
    await copyFile(PRELOOP_BIN, binary);
    const server = cleanup.add(await Preloop.start({ example: true, dropRoot: true, binary }), (one) => one.dispose());
    const events = await server.rest.events();
    const { body } = await server.rest.call('GET', '/mcp-servers');
    await server.serverReady(body.items[0].id, events);
    events.close();
    assert.match(await server.ok(['tools', 'call', 'get_balance']), /10000\.00 EUR/);
  } finally {
    await cleanup.run();
  }
});
