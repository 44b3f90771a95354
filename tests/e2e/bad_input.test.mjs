// Whatever arrives is answered with a clear error, and the server stays as it was.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import net from 'node:net';
import { after, before, describe, test } from 'node:test';
import { Preloop, call, connect, openSession, post, textOf, within } from './support/all.mjs';

const PING = { jsonrpc: '2.0', id: 1, method: 'ping' };
const LIST = { jsonrpc: '2.0', id: 1, method: 'tools/list' };

describe('bad input', () => {
  let server;
  let key;
  let session;

  before(async () => {
    server = await Preloop.start({ example: true });
    key = await server.agentKey();
    session = await openSession(server, key);
    const events = await server.rest.events();
    const { body } = await server.rest.call('GET', '/mcp-servers');
    await server.serverReady(body.items[0].id, events);
    events.close();
  });
  after(async () => {
    try {
      const health = await fetch(`${server.url}/healthz`);
      assert.equal(health.status, 200);
      const client = await connect(server, key);
      assert.match(textOf(await call(client, 'example__get_balance')), /10000\.00/);
      await client.close();
    } finally {
      await server?.dispose();
    }
  });

  /** Bytes over a socket of their own; what came back until it closed or `until` was seen. */
  async function raw(bytes, { until, ms = 20_000 } = {}) {
    const { hostname, port } = new URL(server.url);
    const socket = net.connect(Number(port), hostname);
    let text = '';
    const done = new Promise((resolve, reject) => {
      socket.on('error', (error) => (error.code === 'ECONNRESET' || error.code === 'EPIPE' ? resolve() : reject(error)));
      socket.on('close', resolve);
      socket.setEncoding('latin1').on('data', (piece) => {
        text += piece;
        if (until?.test(text)) resolve();
      });
    });
    await once(socket, 'connect');
    for (const piece of [bytes].flat()) socket.write(piece);
    try {
      await within(done, ms, `an answer; so far: ${text}`);
    } finally {
      socket.destroy();
    }
    return text;
  }

  const mcp = (body, options) => post(server, body, { key, session, ...options });
  const isError = (answer, status, code, words) => {
    assert.equal(answer.status, status, answer.text);
    assert.equal(answer.json?.error?.code, code, answer.text);
    assert.match(answer.json.error.message, words);
  };

  describe('on /mcp/v1', () => {
    for (const [what, body, code] of [
      ['malformed JSON', '{"jsonrpc":"2.0","id":1,', -32700],
      ['nothing', '', -32700],
      ['a number', '42', -32600],
      ['two documents', `${JSON.stringify(PING)}${JSON.stringify(PING)}`, -32700],
      ['a repeated key', '{"jsonrpc":"2.0","id":1,"method":"ping","method":"tools/list"}', -32700],
      ['a repeated key, differently escaped', '{"jsonrpc":"2.0","id":1,"method":"ping","m\\u0065thod":"x"}', -32700],
      ['a repeated key deep in arguments', '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"example__pay","arguments":{"amount":5,"amount":5000,"recipient":"x"}}}', -32700],
      ['invalid UTF-8', Buffer.from('{"jsonrpc":"2.0","id":1,"method":"ping","x":"\xff\xfe"}', 'latin1'), -32700],
      ['an unpaired surrogate', '{"jsonrpc":"2.0","id":1,"method":"ping","x":"\\ud800"}', -32700],
      ['a byte order mark', `\ufeff${JSON.stringify(PING)}`, -32700],
      ['nesting of 65', `{"jsonrpc":"2.0","id":1,"method":"ping","params":${'['.repeat(64)}${']'.repeat(64)}}`, -32700],
      ['nesting of 100,000', '['.repeat(100_000), -32700],
      ['no jsonrpc', '{"id":1,"method":"ping"}', -32600],
      ['jsonrpc 1.0', '{"jsonrpc":"1.0","id":1,"method":"ping"}', -32600],
      ['an id that is an object', '{"jsonrpc":"2.0","id":{},"method":"ping"}', -32600],
      ['a null id', '{"jsonrpc":"2.0","id":null,"method":"ping"}', -32600],
      ['a method that is a number', '{"jsonrpc":"2.0","id":1,"method":7}', -32600],
      ['params that are a string', '{"jsonrpc":"2.0","id":1,"method":"ping","params":"x"}', -32600],
    ]) {
      test(what, async () => isError(await mcp(body), 400, code, /./));
    }

    test('nesting of 63 is fine', async () => {
      const deep = `{"jsonrpc":"2.0","id":1,"method":"ping","params":{"x":${'['.repeat(60)}${']'.repeat(60)}}}`;
      assert.deepEqual((await mcp(deep)).json, { jsonrpc: '2.0', id: 1, result: {} });
    });

    test('an unknown method, and unknown tools', async () => {
      const unknown = await mcp({ jsonrpc: '2.0', id: 'a', method: 'no/such' });
      assert.equal(unknown.json.error.code, -32601);
      assert.match(unknown.json.error.message, /no\/such/);
      const tool = await mcp({ jsonrpc: '2.0', id: 'b', method: 'tools/call', params: { name: 'nope' } });
      assert.equal(tool.json.error?.code ?? -32602, -32602);
      assert.match(tool.text, /no tool 'nope'/);
    });

    for (const [what, params] of [
      ['no params', undefined],
      ['no name', {}],
      ['a name that is a number', { name: 3 }],
      ['arguments that are a list', { name: 'example__pay', arguments: [1] }],
      ['arguments that are null', { name: 'example__pay', arguments: null }],
    ]) {
      test(`tools/call with ${what}`, async () => {
        const answer = await mcp({ jsonrpc: '2.0', id: 1, method: 'tools/call', params });
        assert.equal(answer.json.error.code, -32602, answer.text);
      });
    }

    test('a body over 4 MiB', async () => {
      const big = await mcp(JSON.stringify({ ...PING, params: { x: 'x'.repeat(4 * 1024 * 1024) } })).catch((error) => error);
      // The server may close before it has read everything, which fetch reports as an error.
      if (!(big instanceof Error)) assert.equal(big.status, 413, big.text);
      const announced = await raw(
        `POST /mcp/v1 HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer ${key}\r\nContent-Type: application/json\r\nContent-Length: 99999999999\r\n\r\n{`,
        { until: /\r\n\r\n/ },
      );
      assert.match(announced, /^HTTP\/1\.1 413 /);
    });

    test('just under 4 MiB is read', async () => {
      const answer = await mcp(JSON.stringify({ ...PING, params: { x: 'x'.repeat(4 * 1024 * 1024 - 200) } }));
      assert.deepEqual(answer.json, { jsonrpc: '2.0', id: 1, result: {} });
    });

    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'application/json-patch+json', '']) {
      test(`Content-Type '${type}'`, async () => {
        isError(await mcp(PING, { headers: { 'Content-Type': type } }), 415, -32600, /application\/json/);
      });
    }

    for (const accept of ['application/json', 'text/event-stream', 'text/html']) {
      test(`Accept ${accept} alone`, async () => {
        isError(await mcp(PING, { headers: { Accept: accept } }), 406, -32600, /Accept/);
      });
    }

    test('a method that HTTP has and we have not', async () => {
      for (const method of ['PUT', 'PATCH', 'OPTIONS']) {
        const response = await fetch(`${server.url}/mcp/v1`, { method, headers: { Authorization: `Bearer ${key}` } });
        assert.equal(response.status, 405, method);
        assert.match(response.headers.get('allow') ?? '', /POST/);
      }
    });

    test('no session, a wrong one, one of another key, one of another path', async () => {
      isError(await post(server, LIST, { key }), 400, -32600, /[Ss]ession/);
      isError(await mcp(LIST, { session: 'x'.repeat(43) }), 404, -32600, /[Ss]ession|initialize/);
      const other = await server.agentKey('other');
      isError(await mcp(LIST, { key: other }), 404, -32600, /[Ss]ession|initialize/);
      isError(await mcp(LIST, { path: '/mcp/v1/servers/example' }), 404, -32600, /[Ss]ession|initialize/);
      const kept = await mcp(LIST);
      assert.equal(kept.json.result.tools.length, 4);
    });

    test('a session that was deleted is gone', async () => {
      const short = await openSession(server, key);
      const head = { Authorization: `Bearer ${key}`, 'Mcp-Session-Id': short };
      assert.ok((await fetch(`${server.url}/mcp/v1`, { method: 'DELETE', headers: head })).ok);
      assert.equal((await mcp(LIST, { session: short })).status, 404);
    });

    test('a revision nobody speaks', async () => {
      isError(await mcp(LIST, { headers: { 'MCP-Protocol-Version': '2031-01-01' } }), 400, -32600, /2025-11-25/);
      const probe = await post(server, { jsonrpc: '2.0', id: 1, method: 'server/discover', params: {} }, { key });
      isError(probe, 400, -32602, /_meta.*initialize/s);
    });

    test('batches: only where the revision has them, and no larger than the limit', async () => {
      const newer = await mcp([PING, LIST]);
      isError(newer, 400, -32600, /batch/);
      const old = await openSession(server, key, { revision: '2025-03-26' });
      const both = await mcp([PING, { ...LIST, id: 2 }, { jsonrpc: '2.0', id: 3 }, { jsonrpc: '2.0', method: 'notifications/x' }], {
        session: old,
      });
      assert.deepEqual(both.json.map((one) => one.id).sort(), [1, 2, 3]);
      assert.equal(both.json.find((one) => one.id === 3).error.code, -32600);
      isError(await mcp([], { session: old }), 400, -32600, /batch/);
      isError(await mcp(Array(10_000).fill(PING), { session: old }), 400, -32600, /batch/);
      const hello = { jsonrpc: '2.0', id: 9, method: 'initialize', params: {} };
      const inside = await mcp([hello], { session: old });
      assert.equal((inside.json[0] ?? inside.json).error.code, -32600);
    });

    test('the wrong class of key, a broken one, none, and one in the address', async () => {
      const cases = [
        [{ key: undefined }, 401],
        [{ key: 'pla_nonsense' }, 401],
        [{ key: `${key.slice(0, -1)}${key.endsWith('a') ? 'b' : 'a'}` }, 401],
        [{ key: server.operator }, 403],
        [{ key: undefined, path: `/mcp/v1?token=${key}` }, 401],
        [{ key: undefined, headers: { Authorization: `Basic ${btoa(`x:${key}`)}` } }, 401],
      ];
      for (const [options, status] of cases) {
        const answer = await post(server, LIST, { session, ...options });
        assert.equal(answer.status, status, `${JSON.stringify(options)}: ${answer.text}`);
        assert.ok(!answer.text.includes(key));
        // Clients would begin to register themselves.
        assert.doesNotMatch(answer.headers.get('www-authenticate') ?? '', /resource_metadata/);
      }
    });

    test('a late cancellation of something finished or unknown is ignored', async () => {
      for (const requestId of [0, 1, 'never', null]) {
        const answer = await mcp({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId } });
        assert.equal(answer.status, 202);
      }
      assert.equal((await mcp(PING)).status, 200);
    });
  });

  describe('Host and Origin', () => {
    const request = (path, head) => raw(`GET ${path} HTTP/1.1\r\n${head}\r\n`, { until: /\r\n\r\n/ });
    for (const path of ['/mcp/v1', '/api/v1/status', '/', '/metrics']) {
      test(path, async () => {
        assert.match(await request(path, 'Host: evil.example\r\n'), /^HTTP\/1\.1 421 /);
        assert.match(await request(path, 'Host: 127.0.0.1.evil.example\r\n'), /^HTTP\/1\.1 421 /);
        assert.match(await request(path, 'Host: 127.0.0.1\r\nHost: evil.example\r\n'), /^HTTP\/1\.1 4(00|21) /);
        assert.match(await request(path, 'Host: 127.0.0.1\r\nOrigin: http://evil.example\r\n'), /^HTTP\/1\.1 403 /);
        assert.match(await request(path, 'Host: 127.0.0.1\r\nOrigin: null\r\n'), /^HTTP\/1\.1 403 /);
        assert.match(await request(path, ''), /^HTTP\/1\.1 4(00|21) /);
      });
    }
  });

  describe('HTTP itself', () => {
    for (const [what, bytes] of [
      ['no HTTP', 'hello?\r\n\r\n'],
      ['TLS', Buffer.from('16030100f1010000ed0303\r\n\r\n', 'latin1')],
      ['both lengths', 'POST /mcp/v1 HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
      ['two lengths', 'POST /mcp/v1 HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd'],
      ['a negative length', 'POST /mcp/v1 HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: -1\r\n\r\n'],
      ['a bad chunk', 'POST /mcp/v1 HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n'],
      ['a NUL in a header', 'GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX: a\0b\r\n\r\n'],
      ['a folded header', 'GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX: a\r\n b\r\n\r\n'],
      ['a header of 200 KB', `GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX: ${'a'.repeat(200_000)}\r\n\r\n`],
      ['10,000 headers', `GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n${'X: a\r\n'.repeat(10_000)}\r\n`],
      ['a target of 100 KB', `GET /${'a'.repeat(100_000)} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`],
    ]) {
      test(what, async () => {
        const answer = await raw(bytes, { until: /\r\n\r\n/ });
        if (answer) assert.match(answer, /^HTTP\/1\.1 4\d\d /);
        assert.equal((await fetch(`${server.url}/healthz`)).status, 200);
      });
    }

    test('a request that never ends is cut off', async () => {
      const answer = await raw('POST /mcp/v1 HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Le', { ms: 40_000 });
      assert.match(answer, /^$|^HTTP\/1\.1 408 /);
    });

    test('a hundred slow connections do not keep others out', async () => {
      const { hostname, port } = new URL(server.url);
      const slow = Array.from({ length: 100 }, () => net.connect(Number(port), hostname));
      await Promise.all(slow.map((socket) => once(socket, 'connect')));
      for (const socket of slow) {
        socket.on('error', () => {});
        socket.write('POST /mcp/v1 HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Le');
      }
      assert.deepEqual((await mcp(PING)).json.result, {});
      for (const socket of slow) socket.destroy();
    });
  });

  describe('on /api/v1', () => {
    for (const [what, options, status] of [
      ['malformed JSON', { text: '{"name":', headers: { 'Content-Type': 'application/json' } }, 400],
      ['a repeated key', { text: '{"name":"a","name":"b"}', headers: { 'Content-Type': 'application/json' } }, 400],
      ['an unknown member', { body: { name: 'x', colour: 'red' } }, 400],
      ['a missing member', { body: {} }, 400],
      ['a wrong type', { body: { name: 7 } }, 400],
      ['a wrong media type', { text: 'name=x', headers: { 'Content-Type': 'application/x-www-form-urlencoded' } }, 415],
    ]) {
      test(what, async () => {
        const { body } = await server.rest.call('POST', '/agents', { ...options, expect: status });
        assert.equal(body.status, status);
        assert.ok(body.title);
        assert.ok(body.detail || body.errors?.length, JSON.stringify(body));
      });
    }

    test('an id that is none, one that is nobody’s, a page that is none', async () => {
      await server.rest.call('GET', '/agents/zzz', { expect: 400 }).catch(() => server.rest.call('GET', '/agents/zzz', { expect: 404 }));
      await server.rest.call('GET', '/agents/01890000-0000-7000-8000-000000000000', { expect: 404 });
      await server.rest.call('GET', '/approval-requests?cursor=x', { expect: 400 });
      await server.rest.call('GET', '/approval-requests?limit=0', { expect: 400 });
      await server.rest.call('GET', '/no-such-thing', { expect: 404 });
      await server.rest.call('DELETE', '/status', { expect: 405 });
    });

    test('no key, and a key without the scope', async () => {
      await server.rest.call('GET', '/status', { key: null, expect: 401 });
      const reader = await server.createKey('operator', 'reader', ['--scopes', 'read']);
      await server.rest.call('GET', '/status', { key: reader.key });
      await server.rest.call('POST', '/agents', { key: reader.key, body: { name: 'x' }, expect: 403 });
    });
  });
});
