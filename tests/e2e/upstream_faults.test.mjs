// Upstream servers that misbehave. None of them may hurt another, none may leave anything behind, and
// the agent is always told whether its call may have been executed.
import assert from 'node:assert/strict';
import net from 'node:net';
import { once } from 'node:events';
import { after, before, describe, test } from 'node:test';
import {
  Cleanup,
  HttpUpstream,
  Log,
  Preloop,
  StdioUpstream,
  call,
  connect,
  gone,
  text,
  textOf,
  within,
} from './support/all.mjs';

describe('faults of upstream servers', () => {
  let server;
  let good;
  let bad;
  let client;
  const cleanup = new Cleanup();
  after(() => cleanup.run());

  before(async () => {
    server = cleanup.add(await Preloop.start(), (one) => one.dispose());
    good = cleanup.add(await HttpUpstream.start(), (one) => one.close());
    bad = cleanup.add(await StdioUpstream.start(), (one) => one.close());
    await server.addServer(good.config('good'));
    await server.addServer(bad.config('bad'));
    client = cleanup.add(await connect(server, await server.agentKey()), (one) => one.close());
  });

  /** The other server answers, whatever this one does. */
  async function goodAnswers() {
    const answer = await within(call(client, 'good__work', { n: Math.random() }), 5_000, 'the good server');
    assert.match(textOf(answer), /^did/);
  }

  /** Makes the bad server start again, as a crash would, and waits until it is back. */
  async function back(processes) {
    await bad.processes.find(() => bad.processes.items.length > processes, { what: 'a new process' });
    for (const events = await server.rest.events(); ; ) {
      const { body } = await server.rest.call('GET', '/mcp-servers');
      const { id, status } = body.items.find((one) => one.name === 'bad');
      if (status === 'ready') {
        events.close();
        return;
      }
      await server.serverReady(id, events);
    }
  }

  test('one that crashes in a call: the outcome is unknown, it starts again, the call does not', async () => {
    const processes = bad.processes.items.length;
    bad.onCall = () => bad.current.tell({ err: 'giving up\n', crash: true });
    const result = await call(client, 'bad__work', { crash: 1 });
    assert.equal(result.isError, true);
    assert.match(textOf(result), /no answer came .*It may have been executed/s);
    bad.onCall = (one) => one.answer(text('fine again'));
    await back(processes);
    assert.equal(textOf(await call(client, 'bad__work', { n: 1 })), 'fine again');
    assert.equal(bad.count({ crash: 1 }), 1);
    const { records } = await server.audit();
    assert.equal(records.filter((one) => one.kind === 'call.unknown').length, 1);
  });

  test('one that is not there: nothing was executed, and the agent reads it', async () => {
    const closed = net.createServer().listen(0, '127.0.0.1');
    await once(closed, 'listening');
    const { port } = closed.address();
    const flaky = await HttpUpstream.start();
    await server.addServer(flaky.config('flaky'));
    closed.close();
    assert.ok(port);
    flaky.close();
    await once(flaky.server, 'close').catch(() => {});
    const result = await call(client, 'flaky__work', { n: 1 });
    assert.equal(result.isError, true);
    assert.match(textOf(result), /cannot be reached.*Nothing was executed/s);
    await goodAnswers();
  });

  test('one that writes garbage on stdout', async () => {
    bad.onCall = (one) => {
      bad.current.tell({ out: 'Listening on port 3000\n\u001b[32m{"level":"info"}\u001b[0m\n{"jsonrpc":"1.0"}\n[1,2\n\n' });
      bad.current.tell({ outBase64: Buffer.from([0xff, 0xfe, 0x00, 0x0a]).toString('base64') });
      bad.current.tell({ out: '{"jsonrpc":"2.0","id":424242,"result":{}}\n{"jsonrpc":"2.0","id":"no","result":{}}\n' });
      one.answer(text('after the garbage'));
      one.answer(text('again'));
    };
    assert.equal(textOf(await call(client, 'bad__work', {})), 'after the garbage');
    bad.onCall = (one) => one.answer(text('next'));
    assert.equal(textOf(await call(client, 'bad__work', {})), 'next');
  });

  test('one that floods stdout and stderr, while the others answer', async () => {
    const noise = `{"jsonrpc":"2.0","method":"notifications/message","params":{"level":"info","data":"${'x'.repeat(1000)}"}}\n`;
    bad.onCall = (one) => {
      for (let i = 0; i < 20; ++i) bad.current.tell({ out: noise.repeat(500), err: `${'y'.repeat(80)}\n`.repeat(500) });
      one.answer(text('after the flood'));
    };
    const flooded = call(client, 'bad__work', {});
    await goodAnswers();
    assert.equal(textOf(await flooded), 'after the flood');
    assert.ok(server.stderr.text.length < 2_000_000, 'its lines are rationed in our log');
    bad.onCall = (one) => one.answer(text('ok'));
  });

  test('secrets that one writes to stderr are masked in our log', async () => {
    const talker = cleanup.add(await StdioUpstream.start(), (one) => one.close());
    await server.rest.call('PUT', '/secrets/talker', { body: { value: 'sesame, open 4711' } });
    const config = talker.config('talker');
    await server.addServer({ ...config, env: { ...config.env, API_KEY: 'secret:talker' } });
    assert.equal(talker.current.environment.API_KEY, 'sesame, open 4711');
    const github = `ghp_${'a1B2c3D4e5F6'.repeat(3)}`;
    talker.current.tell({ err: `said with sesame, open 4711 and ${github} and password=hunter2; all of it\n` });
    const [line] = await server.stderr.match(/^.*said with .*$/m);
    assert.match(line, /said with \[redacted:secret\] and \[redacted:[a-z_]+\] and password=\[redacted:[a-z_]+\]/);
    for (const secret of ['sesame, open', github, 'hunter2']) assert.ok(!server.stderr.text.includes(secret), secret);
  });

  test('an answer that is too large is cut off, not kept in memory', async () => {
    const processes = bad.processes.items.length;
    bad.onCall = (one) => {
      bad.current.tell({ out: `{"jsonrpc":"2.0","id":${JSON.stringify(one.id)},"result":{"content":[{"type":"text","text":"` });
      for (let i = 0; i < 20; ++i) bad.current.tell({ out: 'x'.repeat(1024 * 1024) });
      bad.current.tell({ out: '"}]}}\n' });
    };
    const result = await call(client, 'bad__work', { huge: 1 });
    assert.equal(result.isError, true);
    assert.match(textOf(result), /may have been executed/);
    bad.onCall = (one) => one.answer(text('ok'));
    if (bad.processes.items.length > processes) await back(processes);
    await goodAnswers();
  });

  test('one that never answers: others do, and a client that gives up is told nothing wrong', async () => {
    bad.onCall = () => {};
    const abort = new AbortController();
    const silent = call(client, 'bad__work', { silent: 1 }, { signal: abort.signal });
    silent.catch(() => {});
    await bad.calls.find((one) => one.args.silent === 1);
    await goodAnswers();
    abort.abort();
    await assert.rejects(silent);
    await bad.notifications.find((one) => one.method === 'notifications/cancelled');
    bad.onCall = (one) => one.answer(text('ok'));
    assert.equal(textOf(await call(client, 'bad__work', {})), 'ok');
  });

  test('one that never answers is given up after its call_timeout', async () => {
    const mute = cleanup.add(await HttpUpstream.start({ onCall: () => {} }), (one) => one.close());
    await server.addServer({ ...mute.config('mute'), call_timeout: 1 });
    const result = await call(client, 'mute__work', { n: 1 });
    assert.equal(result.isError, true);
    assert.match(textOf(result), /no answer came .*It may have been executed/s);
    assert.equal(mute.count({ n: 1 }), 1);
  });

  for (const [what, answer, words] of [
    ['closes the connection', (_, response) => response.destroy(), /may have been executed/],
    ['says 500', (_, response) => response.writeHead(500).end('oops'), /may have been executed/],
    ['says 403', (_, response) => response.writeHead(403).end('no'), /Nothing was executed/],
    ['sends HTML', (_, response) => response.writeHead(200, { 'Content-Type': 'text/html' }).end('<p>hi'), /may have been executed/],
    ['sends half an answer', (_, response) => response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': 1000 }).write('{"json', () => response.destroy()), /may have been executed/],
    ['ends its stream without an answer', (_, response) => response.writeHead(200, { 'Content-Type': 'text/event-stream' }).end(': hello\n\n'), /may have been executed/],
    ['redirects', (_, response) => response.writeHead(307, { Location: 'http://169.254.169.254/' }).end(), /Nothing was executed/],
  ]) {
    test(`an HTTP server that ${what}`, async () => {
      const calls = good.requests.items.filter((one) => one.message?.method === 'tools/call').length;
      good.before = (request, response, message) => {
        if (message?.method !== 'tools/call') return false;
        answer(request, response);
        return true;
      };
      const result = await within(call(client, 'good__work', { what }), 20_000, 'an answer about the fault');
      good.before = () => false;
      assert.equal(result.isError, true);
      assert.match(textOf(result), words);
      assert.equal(good.requests.items.filter((one) => one.message?.method === 'tools/call').length, calls + 1, 'sent once');
      await goodAnswers();
    });
  }

  test('grandchildren end with the server that left them, when it is removed', async () => {
    const leaver = cleanup.add(await StdioUpstream.start(), (one) => one.close());
    const added = await server.addServer(leaver.config('leaver'));
    leaver.current.tell({ fork: true, stay: true });
    const grandchild = await leaver.forked.find(() => true);
    const { pid } = leaver.current;
    const { etag } = await server.rest.call('GET', `/mcp-servers/${added.id}`);
    await server.rest.call('DELETE', `/mcp-servers/${added.id}`, { headers: { 'If-Match': etag } });
    await gone(pid, 20_000);
    await gone(grandchild, 20_000);
  });

  test('a held call to a server that is removed is cancelled', async () => {
    const short = cleanup.add(await HttpUpstream.start(), (one) => one.close());
    const added = await server.addServer(short.config('short'));
    await server.applyPolicy('version: 2\nrules:\n  - {tool: short/work, action: require_approval}\n');
    const progress = new Log();
    const waiting = call(client, 'short__work', { n: 1 }, { onprogress: (one) => progress.add(one) });
    await progress.find(() => true);
    const { etag } = await server.rest.call('GET', `/mcp-servers/${added.id}`);
    await server.rest.call('DELETE', `/mcp-servers/${added.id}`, { headers: { 'If-Match': etag } });
    const result = await waiting;
    assert.equal(result.isError, true);
    assert.match(textOf(result), /cancelled: its server was removed\. Nothing was executed\./);
    assert.equal(short.calls.items.length, 0);
  });

  test('kill -9 of the server takes children and grandchildren along', async () => {
    bad.current.tell({ fork: true, stay: true });
    const grandchild = await bad.forked.find(() => true);
    const { pid } = bad.current;
    await server.kill();
    await gone(pid, 20_000);
    await gone(grandchild, 20_000);
    await server.serve();
  });
});
