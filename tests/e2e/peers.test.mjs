// Servers and clients nobody here wrote. Whatever passes through the firewall must be what the peer
// itself says: every result is compared with the one of a client that talks to the upstream directly.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import {
  Cleanup,
  HttpUpstream,
  Log,
  Output,
  Preloop,
  StdioUpstream,
  WORK,
  call,
  connect,
  openSession,
  post,
  run,
  text,
  textOf,
  within,
} from './support/all.mjs';

const bin = (name) => new URL(`./node_modules/.bin/${name}`, import.meta.url).pathname;

async function freePort() {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

/** Every kind of content the reference server can make. */
const CALLS = [
  ['echo', { message: 'hé \u{1f600} \u0000 "quoted"' }],
  ['get-sum', { a: 2, b: 3 }],
  ['get-tiny-image', {}],
  ['get-annotated-message', { messageType: 'error', includeImage: true }],
  ['get-structured-content', { location: 'New York' }],
  ['get-resource-links', { count: 3 }],
  ['get-resource-reference', { resourceType: 'Text', resourceId: 1 }],
  ['get-resource-reference', { resourceType: 'Blob', resourceId: 2 }],
];
/** The moment a resource was made is in its text. */
const steady = (result) =>
  JSON.parse(
    JSON.stringify(result, (name, value) => (name === 'blob' ? Buffer.from(value, 'base64').toString() : value)).replace(
      /\d{1,2}:\d{2}:\d{2}[^"\\]*/g,
      'TIME',
    ),
  );

/** A result as it is on the common path: the URIs of resources say whose they are. */
const exposed = (result, server) =>
  JSON.parse(JSON.stringify(result, (name, value) => (name === 'uri' ? `${server}+${value}` : value)));
/** As Preloop, for servers that offer more to clients that can do more. */
const ABLE = { capabilities: { elicitation: { form: {}, url: {} }, roots: {}, sampling: {} } };

for (const transport of ['stdio', 'streamable_http']) {
  describe(`server-everything over ${transport}`, () => {
    let server;
    let direct;
    let client;
    let own;
    const cleanup = new Cleanup();
    after(() => cleanup.run());

    before(async () => {
      server = cleanup.add(await Preloop.start(), (one) => one.dispose());
      const config = { name: 'everything', transport };
      if (transport === 'stdio') {
        Object.assign(config, { command: 'mcp-server-everything', args: ['stdio'] });
        direct = cleanup.add(new Client({ name: 'direct', version: '1' }, ABLE), (one) => one.close());
        await direct.connect(new StdioClientTransport({ command: bin('mcp-server-everything'), args: ['stdio'], stderr: 'ignore' }));
      } else {
        const port = await freePort();
        const peer = spawn(bin('mcp-server-everything'), ['streamableHttp'], {
          env: { ...process.env, PORT: String(port) },
          stdio: ['ignore', 'ignore', 'pipe'],
        });
        cleanup.add(peer, (one) => one.kill('SIGKILL'));
        const said = new Output(peer.stderr);
        await said.match(/listening on port/i);
        config.url = `http://127.0.0.1:${port}/mcp`;
        direct = cleanup.add(new Client({ name: 'direct', version: '1' }, ABLE), (one) => one.close());
        await direct.connect(new StreamableHTTPClientTransport(new URL(config.url)));
      }
      const added = await server.addServer(config);
      assert.equal(added.status, 'ready');
      const key = await server.agentKey();
      client = cleanup.add(await connect(server, key), (one) => one.close());
      own = cleanup.add(await connect(server, key, { path: '/mcp/v1/servers/everything' }), (one) => one.close());
    });

    test('the same tools, with prefixed names', async () => {
      const own = (await direct.listTools()).tools;
      const ours = (await client.listTools()).tools;
      assert.ok(own.length >= 10);
      const unprefixed = ours.map((tool) => ({ ...tool, name: tool.name.replace(/^everything__/, '') }));
      const byName = (a, b) => a.name.localeCompare(b.name);
      // Tools that a client gets only because of what it can do itself are not offered to us.
      const names = new Set(unprefixed.map((tool) => tool.name));
      assert.deepEqual(unprefixed.sort(byName), own.filter((tool) => names.has(tool.name)).sort(byName));
      assert.equal(names.size, own.length, `missing: ${own.map((tool) => tool.name).filter((name) => !names.has(name))}`);
    });

    for (const [name, args] of CALLS) {
      test(`${name} ${JSON.stringify(args)} passes unchanged`, async () => {
        const expected = await call(direct, name, args);
        assert.ok(!expected.isError, textOf(expected));
        assert.deepEqual(steady(await call(own, name, args)), steady(expected));
        const got = await call(client, `everything__${name}`, args);
        assert.deepEqual(steady(got), steady(exposed(expected, 'everything')));
      });
    }

    test('an error of the tool passes unchanged', async () => {
      const expected = await call(direct, 'get-resource-links', { count: 'three' }).catch((error) => error);
      const got = await call(client, 'everything__get-resource-links', { count: 'three' });
      assert.equal(got.isError, true);
      assert.ok(expected.isError ?? expected.code);
    });

    test('progress is relayed', async () => {
      const progress = new Log();
      const result = await call(
        client,
        'everything__trigger-long-running-operation',
        { duration: 1, steps: 4 },
        { onprogress: (one) => progress.add(one) },
      );
      assert.match(textOf(result), /Long running operation completed/);
      assert.deepEqual(
        progress.items.map((one) => [one.progress, one.total]),
        [1, 2, 3, 4].map((step) => [step, 4]),
      );
    });

    test('the server alone, unprefixed, under its own path', async () => {
      const alone = await connect(server, await server.agentKey('alone'), { path: '/mcp/v1/servers/everything' });
      const names = (await alone.listTools()).tools.map((tool) => tool.name);
      assert.ok(names.includes('echo'));
      assert.equal(textOf(await call(alone, 'echo', { message: 'x' })), 'Echo: x');
      await assert.rejects(call(alone, 'everything__echo', { message: 'x' }), /no tool/i);
      await alone.close();
      await assert.rejects(connect(server, await server.agentKey('nowhere'), { path: '/mcp/v1/servers/nowhere' }));
    });

    test('the inspector, a client of its own, lists and calls', async () => {
      const home = await mkdtemp(join(tmpdir(), 'preloop-inspector-'));
      try {
        const key = await server.agentKey('inspector');
        const inspect = async (args) => {
          const { stdout, stderr, code } = await run(
            bin('mcp-inspector'),
            ['--cli', `${server.url}/mcp/v1`, '--transport', 'http', '--header', `Authorization: Bearer ${key}`, ...args],
            { env: { ...process.env, HOME: home } },
          );
          assert.equal(code, 0, stderr + stdout);
          return JSON.parse(stdout);
        };
        const { tools } = await inspect(['--method', 'tools/list']);
        assert.ok(tools.some((tool) => tool.name === 'everything__echo'));
        const result = await inspect(['--method', 'tools/call', '--tool-name', 'everything__echo', '--tool-arg', 'message=hello']);
        assert.equal(textOf(result), 'Echo: hello');
      } finally {
        await rm(home, { recursive: true, force: true });
      }
    });
  });
}

describe('server-filesystem', () => {
  let server;
  let client;
  let folder;
  const cleanup = new Cleanup();
  after(() => cleanup.run());

  before(async () => {
    server = cleanup.add(await Preloop.start(), (one) => one.dispose());
    folder = join(await realpath(server.root), 'files');
    await mkdir(folder);
    await writeFile(join(folder, 'a.txt'), 'alpha\n');
    await server.addServer({ name: 'files', transport: 'stdio', command: 'mcp-server-filesystem', args: [folder] });
    client = cleanup.add(await connect(server, await server.agentKey()), (one) => one.close());
  });

  test('reads, and writes only where the policy lets it', async () => {
    await server.applyPolicy(`
version: 2
rules:
  - {tool: "files/*", when: "!tool.annotations.readOnlyHint", action: deny, message: "Read only here."}
`);
    const read = await call(client, 'files__read_text_file', { path: join(folder, 'a.txt') });
    assert.equal(textOf(read), 'alpha\n');
    const write = await call(client, 'files__write_file', { path: join(folder, 'b.txt'), content: 'x' });
    assert.equal(write.isError, true);
    assert.match(textOf(write), /Denied: Read only here\. Nothing was executed\./);
    const list = await call(client, 'files__list_directory', { path: folder });
    assert.equal(textOf(list), '[FILE] a.txt');
  });
});

describe('a peer of our own, for what no other does', () => {
  let server;
  let upstream;
  let client;
  let key;
  // As bytes: numbers no double can hold, key order, escapes, nulls, members MCP does not know.
  const ODD =
    '{"content":[{"type":"text","text":"a\\u00e9\\/\\ud83d\\ude00","annotations":{"audience":["user"],"priority":0.10},"x-own":null},' +
    '{"type":"audio","data":"UklGRg==","mimeType":"audio/wav"},{"type":"resource_link","uri":"file:///a","name":"a"},' +
    '{"type":"future","what":[1,2.50,1e3,12345678901234567890]}],"structuredContent":{"z":1,"a":null,"n":0.1000},' +
    '"isError":false,"_meta":{"com.example/k":{"deep":[{}]}},"unknown":{"b":1,"a":2}}';

  const cleanup = new Cleanup();
  after(() => cleanup.run());
  before(async () => {
    server = cleanup.add(await Preloop.start(), (one) => one.dispose());
    upstream = await StdioUpstream.start({
      tools: [
        WORK,
        { name: 'odd.name/with-Signs_1', inputSchema: { type: 'object' }, 'x-own': { kept: null }, _meta: { 'a/b': 1 } },
        { name: 'wait', inputSchema: { type: 'object' } },
      ],
    });
    cleanup.add(upstream, (one) => one.close());
    await server.addServer(upstream.config('own'));
    key = await server.agentKey();
    client = cleanup.add(await connect(server, key), (one) => one.close());
  });

  test('a result passes byte for byte, and so do arguments', async () => {
    upstream.onCall = (one) => one.send(`{"jsonrpc":"2.0","id":${JSON.stringify(one.id)},"result":${ODD}}`);
    for (const [path, name, result] of [
      ['/mcp/v1', 'own__work', ODD.replace('file:///a', 'own+file:///a')],
      ['/mcp/v1/servers/own', 'work', ODD],
    ]) {
      const session = await openSession(server, key, { path });
      const { text: body } = await post(
        server,
        `{"jsonrpc":"2.0","id":"x","method":"tools/call","params":{"name":"${name}","arguments":{"big":12345678901234567890,"f":1.50,"n":null,"e":"\\u00e9"},"_meta":{"com.example/t":[1,null]}}}`,
        { key, session, path },
      );
      assert.ok(body.includes(`"result":${result}`), body);
    }
    upstream.onCall = (one) => one.answer(text('ok'));
  });

  test('any legal tool name can be listed and called', async () => {
    const { tools } = await client.listTools();
    const odd = tools.find((tool) => tool.name.startsWith('own__odd'));
    assert.match(odd.name, /^[A-Za-z0-9_-]{1,64}$/);
    assert.equal(textOf(await call(client, odd.name, {})), 'ok');
    assert.equal(upstream.calls.items.at(-1).name, 'odd.name/with-Signs_1');
  });

  test('an error of the upstream is the error of the call', async () => {
    upstream.onCall = (one) => one.fail({ code: -32042, message: 'not today', data: { until: 'May' } });
    await assert.rejects(call(client, 'own__work', { n: 1 }), (error) => error.code === -32042 && error.data.until === 'May');
    upstream.onCall = (one) => one.answer(text('ok'));
  });

  test('a cancelled call is cancelled at the upstream', async () => {
    upstream.onCall = () => {};
    const abort = new AbortController();
    const result = call(client, 'own__wait', { n: 2 }, { signal: abort.signal });
    result.catch(() => {});
    const arrived = await upstream.calls.find((one) => one.args.n === 2);
    abort.abort('enough');
    await assert.rejects(result);
    const told = await upstream.notifications.find((one) => one.method === 'notifications/cancelled');
    assert.equal(told.params.requestId, arrived.id);
    upstream.onCall = (one) => one.answer(text('ok'));
    assert.equal(textOf(await call(client, 'own__work', {})), 'ok');
  });

  test('progress numbers and messages of the upstream arrive with the token of the client', async () => {
    upstream.onCall = (one) => {
      one.progress({ progress: 0.5, total: 2, message: 'half' });
      one.progress({ progress: 2, total: 2 });
      one.answer(text('done'));
    };
    const progress = new Log();
    await call(client, 'own__work', { n: 3 }, { onprogress: (one) => progress.add(one) });
    assert.deepEqual(progress.items, [
      { progress: 0.5, total: 2, message: 'half' },
      { progress: 2, total: 2 },
    ]);
    upstream.onCall = (one) => one.answer(text('ok'));
  });

  test('tools that change are announced, and wait for acceptance', async () => {
    const changed = new Log();
    client.setNotificationHandler(
      (await import('@modelcontextprotocol/sdk/types.js')).ToolListChangedNotificationSchema,
      (one) => changed.add(one),
    );
    upstream.tools.push({ name: 'late', inputSchema: { type: 'object' } });
    const { body } = await server.rest.call('GET', '/mcp-servers');
    await server.rest.call('POST', `/mcp-servers/${body.items[0].id}/scan`);
    await changed.find(() => true, { what: 'tools/list_changed' });
    const tools = (await server.rest.call('GET', '/tools?server=own')).body.items;
    assert.equal(tools.find((tool) => tool.name === 'late').pin, 'new_tool');
    await server.rest.call('POST', `/tools/${tools.find((tool) => tool.name === 'late').id}/accept`);
    assert.equal(textOf(await call(client, 'own__late', {})), 'ok');
  });

  test('a child sees its own environment and nothing of ours', () => {
    const names = Object.keys(upstream.current.environment).sort();
    assert.ok(!names.some((name) => name.startsWith('PRELOOP_')), String(names));
    assert.ok(names.includes('CONTROL_PORT') && names.includes('PATH'));
  });

  test('an HTTP upstream that forgot its session is asked again, unseen', async () => {
    const web = await HttpUpstream.start();
    try {
      await server.addServer(web.config('web'));
      assert.match(textOf(await call(client, 'web__work', { n: 1 })), /did/);
      let forgotten = true;
      web.before = (request, response, message) => {
        if (message?.method !== 'tools/call' || !forgotten) return false;
        forgotten = false;
        response.writeHead(404).end();
        return true;
      };
      const sessions = web.sessions;
      assert.match(textOf(await call(client, 'web__work', { n: 2 })), /did/);
      // At least one: each event loop has a session of its own.
      assert.ok(web.sessions > sessions);
      assert.equal(web.count({ n: 2 }), 1);
    } finally {
      const { body } = await server.rest.call('GET', '/mcp-servers');
      const { id } = body.items.find((one) => one.name === 'web');
      const { etag } = await server.rest.call('GET', `/mcp-servers/${id}`);
      await server.rest.call('DELETE', `/mcp-servers/${id}`, { headers: { 'If-Match': etag } });
      web.close();
    }
  });

  test('a dead upstream does not slow the others', async () => {
    const dead = await HttpUpstream.start();
    dead.before = () => true;
    await server.rest.call('POST', '/mcp-servers', { body: dead.config('dead'), expect: 201 });
    const answers = await within(Promise.all([1, 2, 3].map((n) => call(client, 'own__work', { n }))), 10_000, 'the others');
    assert.equal(answers.length, 3);
    dead.close();
  });
});
