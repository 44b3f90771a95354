// Starting, being asked how it is, stopping; and what a second server finds.
import assert from 'node:assert/strict';
import net from 'node:net';
import { once } from 'node:events';
import { after, before, describe, test } from 'node:test';
import { Cleanup, HttpUpstream, PRELOOP_BIN, Preloop, call, connect, held, run, text, textOf, within } from './support/all.mjs';

describe('start and stop', () => {
  let server;
  let upstream;
  let key;
  const cleanup = new Cleanup();
  after(() => cleanup.run());

  before(async () => {
    server = cleanup.add(await Preloop.start(), (one) => one.dispose());
    upstream = cleanup.add(await HttpUpstream.start(), (one) => one.close());
    await server.addServer(upstream.config('up'));
    await server.applyPolicy('version: 2\nrules:\n  - {tool: work, when: "has(args.ask)", action: require_approval}\n');
    key = await server.agentKey();
  });

  const serve = (args, env = {}) => run(PRELOOP_BIN, ['serve', ...args], { env: { ...server.env, ...env }, timeout: 20_000 });
  const asRoot = process.getuid() === 0 ? ['--run-as', 'root'] : [];
  /** One clear line, whatever the log says before. */
  const oneLine = ({ code, stderr }, expected, words) => {
    assert.equal(code, expected, stderr);
    const lines = stderr.split('\n').filter((line) => line.startsWith('preloop: '));
    assert.equal(lines.length, 1, stderr);
    assert.match(lines[0], words);
  };

  test('/healthz, /readyz and /metrics', async () => {
    const health = await fetch(`${server.url}/healthz`);
    assert.deepEqual([health.status, await health.json()], [200, { status: 'ok' }]);
    const ready = await fetch(`${server.url}/readyz`);
    assert.deepEqual([ready.status, await ready.json()], [200, { status: 'ready' }]);
    const client = await connect(server, key);
    await call(client, 'up__work', {});
    const metrics = await (await fetch(`${server.url}/metrics`)).text();
    assert.match(metrics, /^preloop_calls_total\{outcome="answered"\} [1-9]/m);
    assert.match(metrics, /^# TYPE preloop_calls_total counter$/m);
    assert.match(metrics, /^preloop_mcp_sessions [1-9]/m);
    for (const line of metrics.trim().split('\n')) {
      assert.match(line, /^(# (HELP|TYPE) [a-z_]+ .+|[a-z_]+(\{[a-z_]+="[^"]*"(,[a-z_]+="[^"]*")*\})? [-+0-9.e]+)$/);
    }
    const proxied = await fetch(`${server.url}/metrics`, { headers: { 'X-Forwarded-For': '203.0.113.7' } });
    assert.equal(proxied.status, 403);
    const withKey = await fetch(`${server.url}/metrics`, {
      headers: { 'X-Forwarded-For': '203.0.113.7', Authorization: `Bearer ${server.operator}` },
    });
    assert.equal(withKey.status, 200);
    await client.close();
  });

  test('doctor finds a healthy server', async () => {
    const { code, stdout, stderr } = await server.cli(['doctor'], { key: server.operator });
    assert.equal(code, 0, stdout + stderr);
  });

  test('a second server on the same data dir is refused', async () => {
    oneLine(await serve(['--listen', '127.0.0.1:0', ...asRoot]), 1, /data dir|running|holds|lock/i);
    assert.equal((await fetch(`${server.url}/healthz`)).status, 200);
  });

  test('a taken port, an unwritable place, a wrong flag: one line', async () => {
    const taken = net.createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address();
    oneLine(await serve(['--listen', `127.0.0.1:${port}`, '--data-dir', `${server.root}/two`, ...asRoot]), 1, new RegExp(String(port)));
    taken.close();
    oneLine(await serve(['--listen', '127.0.0.1:0', '--data-dir', '/proc/nowhere', ...asRoot]), 1, /\/proc\/nowhere/);
    oneLine(await serve(['--listen', '0.0.0.0:0', '--data-dir', `${server.root}/three`]), 2, /beyond loopback/);
    oneLine(await serve(['--listen', 'somewhere']), 2, /listen/);
    assert.equal((await serve(['--no-such-flag'])).code, 2);
  });

  test('--print-config says where values come from', async () => {
    const { code, stdout } = await serve(['--print-config', '--listen', '127.0.0.1:7'], { PRELOOP_RETENTION_DAYS: '5' });
    assert.equal(code, 0);
    assert.match(stdout, /^listen\s+flag\s+127\.0\.0\.1:7$/m);
    assert.match(stdout, /^retention-days\s+environment\s+5$/m);
    assert.match(stdout, /^data-dir\s+environment\s+/m);
  });

  test('SIGTERM: a held call gets its pending answer, a running one its result, then exit 0', async () => {
    const client = cleanup.add(await connect(server, key), (one) => one.close());
    let finish;
    upstream.onCall = (one) => (finish = () => one.answer(text('finished while draining')));
    const running = call(client, 'up__work', { slow: 1 });
    await upstream.calls.find((one) => one.args.slow === 1);
    const waiting = await held(server, client, 'up__work', { ask: 1 });
    server.process.kill('SIGTERM');
    const pending = await within(waiting.result, 10_000, 'the pending answer');
    assert.match(textOf(pending), /waits for approval by .* \(request [0-9a-f-]{36}\)\. Nothing was executed\..*make exactly the same call again/s);
    assert.ok(textOf(pending).includes(waiting.approval.id));
    finish();
    assert.equal(textOf(await within(running, 10_000, 'the running call')), 'finished while draining');
    assert.deepEqual(await within(server.exited, 20_000, 'the end'), { code: 0, signal: null });
    assert.match(server.stderr.text, /draining/);
    await assert.rejects(fetch(`${server.url}/healthz`));
    upstream.onCall = (one) => one.answer(text('ok'));

    await server.serve();
    assert.equal((await server.approval(waiting.approval.id)).status, 'pending');
    const again = await connect(server, key);
    const events = await server.rest.events();
    await server.serverReady((await server.rest.call('GET', '/mcp-servers')).body.items[0].id, events);
    events.close();
    const attached = await held(server, again, 'up__work', { ask: 1 });
    assert.equal(attached.approval.id, waiting.approval.id);
    await server.approve(waiting.approval.id);
    assert.equal(textOf(await attached.result), 'ok');
    await again.close();
  });

  test('a second SIGTERM ends at once', async () => {
    upstream.onCall = () => {};
    const client = cleanup.add(await connect(server, key), (one) => one.close());
    call(client, 'up__work', { slow: 2 }).catch(() => {});
    await upstream.calls.find((one) => one.args.slow === 2);
    server.process.kill('SIGTERM');
    await server.stderr.match(/draining; a second signal ends at once/);
    server.process.kill('SIGTERM');
    const { code, signal } = await within(server.exited, 10_000, 'the end');
    assert.ok(code === 1 || signal !== null);
    upstream.onCall = (one) => one.answer(text('ok'));
    await server.serve();
    const { verified } = await server.audit();
    assert.equal(verified.code, 0, verified.stdout);
  });

  test('idle clients and live streams do not hold up the end', async () => {
    const clients = await Promise.all([1, 2, 3].map(() => connect(server, key)));
    const events = await server.rest.events();
    const began = Date.now();
    assert.deepEqual(await server.stop(), { code: 0, signal: null });
    assert.ok(Date.now() - began < 10_000, `it took ${Date.now() - began} ms`);
    await events.ended;
    await Promise.all(clients.map((one) => one.close().catch(() => {})));
    await server.serve();
  });
});
