// Claude Code, as it comes from npm, headless, behind the firewall. Only the model is a stand-in.
import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Cleanup, Preloop, run } from '../e2e/support/all.mjs';
import { startModel, toolResult } from './support/anthropic.mjs';

const CLAUDE = new URL('./node_modules/.bin/claude', import.meta.url).pathname;
const TOOL = 'mcp__preloop__example__pay';

describe('Claude Code', () => {
  let server;
  let key;
  let model;
  let amount;
  let home;
  const cleanup = new Cleanup();
  after(() => cleanup.run());

  before(async () => {
    server = cleanup.add(await Preloop.start({ example: true }), (one) => one.dispose());
    key = await server.agentKey('claude');
    const events = await server.rest.events();
    await server.serverReady((await server.rest.call('GET', '/mcp-servers')).body.items[0].id, events);
    events.close();
    model = cleanup.add(
      await startModel((body) => {
        const result = toolResult(body);
        return result === undefined ? { tool: TOOL, input: { recipient: 'Ana', amount } } : { text: `The tool said: ${result}` };
      }),
      (one) => one.close(),
    );
    home = join(server.root, 'claude');
    await mkdir(join(home, '.claude'), { recursive: true });
    await mkdir(join(home, 'work'));
    await writeFile(
      join(home, '.claude', 'settings.json'),
      JSON.stringify({
        env: {
          ANTHROPIC_BASE_URL: model.url,
          ANTHROPIC_AUTH_TOKEN: 'stand-in',
          CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
          DISABLE_AUTOUPDATER: '1',
        },
      }),
    );
    await writeFile(
      join(home, '.claude.json'),
      JSON.stringify({
        mcpServers: {
          preloop: {
            type: 'http',
            url: `${server.url}/mcp/v1`,
            timeout: 3_600_000,
            alwaysLoad: true,
            headers: { Authorization: `Bearer ${key}` },
          },
        },
      }),
    );
  });

  /** One headless run that is told to pay; what it says at the end. */
  async function pay(value) {
    amount = value;
    const { code, stdout, stderr } = await run(
      CLAUDE,
      ['-p', `Pay Ana ${value}`, '--allowedTools', TOOL, '--output-format', 'json'],
      { env: { HOME: home, PATH: process.env.PATH, TERM: 'dumb' }, cwd: join(home, 'work'), timeout: 120_000 },
    );
    assert.equal(code, 0, stdout + stderr);
    const answer = JSON.parse(stdout);
    assert.equal(answer.is_error, false, stdout);
    return answer.result;
  }

  test('sees the tools, and 50 is paid', async () => {
    assert.match(await pay(50), /The tool said: Paid 50\.00 EUR to Ana\./);
    const names = model.requests[0].tools.map((tool) => tool.name);
    assert.ok(names.includes(TOOL) && names.includes('mcp__preloop__example__get_balance'), String(names));
  });

  test('5000 is denied, and the agent reads why', async () => {
    assert.match(await pay(5000), /Denied: Payments above 1000 are not possible here\. Nothing was executed\./);
  });

  test('150 waits for a person, and is paid when it was approved', async () => {
    const events = await server.rest.events();
    const answer = pay(150);
    const created = await events.find((one) => one.kind === 'approval.created', { ms: 60_000 });
    events.close();
    const approval = await server.approval(created.ref);
    assert.equal(approval.agent, 'claude');
    assert.equal(approval.arguments.amount, 150);
    await server.approve(created.ref);
    assert.match(await answer, /The tool said: Paid 150\.00 EUR to Ana\./);
    assert.equal((await server.approval(created.ref)).status, 'succeeded');
  });

  test('a decline reaches the agent', async () => {
    const events = await server.rest.events();
    const answer = pay(151);
    const created = await events.find((one) => one.kind === 'approval.created', { ms: 60_000 });
    events.close();
    await server.decline(created.ref, 'not this month');
    assert.match(await answer, /Declined by a person\. .*not this month/);
  });

  test('the command of the README connects it', async () => {
    const readme = await readFile(new URL('../../README.md', import.meta.url), 'utf8');
    const [, config] = /^claude mcp add-json --scope user preloop '(.+)'$/m.exec(readme);
    const fresh = join(server.root, 'fresh');
    await mkdir(fresh);
    const claude = (args) => run(CLAUDE, args, { env: { HOME: fresh, PATH: process.env.PATH, TERM: 'dumb' }, cwd: fresh });
    const filled = config.replace('http://127.0.0.1:8000', server.url).replace('pla_…', key);
    assert.notEqual(filled, config);
    const added = await claude(['mcp', 'add-json', '--scope', 'user', 'preloop', filled]);
    assert.equal(added.code, 0, added.stdout + added.stderr);
    const listed = await claude(['mcp', 'list']);
    assert.match(listed.stdout, /^preloop: .*\/mcp\/v1.*Connected/m, listed.stdout + listed.stderr);
  });

  test('its calls are in the record under its name', async () => {
    const { records, verified } = await server.audit();
    assert.equal(verified.code, 0);
    assert.deepEqual(
      records.filter((one) => one.kind === 'call.decided').map((one) => one.decision.action),
      ['allow', 'deny', 'require_approval', 'require_approval'],
    );
    const { body } = await server.rest.call('GET', '/runtime-sessions');
    assert.ok(body.items.some((one) => one.client.startsWith('claude-code')), JSON.stringify(body.items));
  });
});
