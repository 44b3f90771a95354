// Revision 2026-07-28, as the official client speaks it: no initialize, no session. The servers behind
// us speak earlier ones.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { Cleanup, HttpUpstream, Log, Preloop, StdioUpstream, WORK, text, textOf, within } from './support/all.mjs';

const POLICY = `
version: 2
rules:
  - {tool: work, when: "has(args.ask)", action: require_approval}
  - {tool: work, when: "has(args.never)", action: deny, message: "never here"}
  - {tool: "*", action: allow}
`;

for (const kind of ['streamable_http', 'stdio']) {
  describe(`without sessions, over ${kind}`, () => {
    const cleanup = new Cleanup();
    let server, upstream, key, id, client;

    async function connect(mode = { pin: '2026-07-28' }, path = '/mcp/v1') {
      const one = new Client({ name: 'modern', version: '1' }, { versionNegotiation: { mode } });
      const headers = { Authorization: `Bearer ${key}` };
      await one.connect(new StreamableHTTPClientTransport(new URL(server.url + path), { requestInit: { headers } }));
      return cleanup.add(one, (it) => it.close());
    }

    before(async () => {
      server = cleanup.add(await Preloop.start(), (one) => one.dispose());
      const start = kind === 'stdio' ? StdioUpstream : HttpUpstream;
      upstream = cleanup.add(await start.start(), (one) => one.close());
      await server.addServer(upstream.config('up'));
      await server.applyPolicy(POLICY);
      ({ key, id } = await server.createKey('agent', 'modern'));
      client = await connect();
    });
    after(() => cleanup.run());

    test('is discovered, by pin and by itself', async () => {
      assert.equal(client.getNegotiatedProtocolVersion(), '2026-07-28');
      assert.equal(client.getServerVersion().name, 'preloop');
      assert.equal((await connect('auto')).getNegotiatedProtocolVersion(), '2026-07-28');
      assert.notEqual((await connect('legacy')).getNegotiatedProtocolVersion(), '2026-07-28');
    });

    test('lists and calls', async () => {
      assert.deepEqual(
        (await client.listTools()).tools.map((tool) => tool.name),
        ['up__work'],
      );
      upstream.onCall = (call) => call.answer({ ...text('done'), structuredContent: { a: null }, _meta: { x: 1 } });
      const result = await client.callTool({ name: 'up__work', arguments: { n: 1 } });
      assert.equal(textOf(result), 'done');
      assert.deepEqual(result.structuredContent, { a: null });
      assert.equal(result._meta.x, 1);
      const own = await connect(undefined, '/mcp/v1/servers/up');
      assert.equal(textOf(await own.callTool({ name: 'work', arguments: {} })), 'done');
    });

    test('is told why not', async () => {
      const denied = await client.callTool({ name: 'up__work', arguments: { never: 1 } });
      assert.equal(denied.isError, true);
      assert.match(textOf(denied), /never here/);
      await assert.rejects(client.callTool({ name: 'up__nothing', arguments: {} }), /There is no tool/);
    });

    test('waits for a person, with progress, and is answered', async () => {
      const progress = new Log();
      const result = client.callTool(
        { name: 'up__work', arguments: { ask: 1 } },
        { onprogress: (one) => progress.add(one), timeout: 60_000 },
      );
      await progress.find((one) => /Waiting for approval/.test(one.message));
      const [approval] = await server.pending();
      await server.approve(approval.id);
      assert.equal(textOf(await result), 'done');
    });

    test('hangs up while it waits: approved later, nothing runs until it asks again', async () => {
      const events = await server.rest.events();
      const abort = new AbortController();
      const progress = new Log();
      const before = upstream.calls.items.length;
      const args = { name: 'up__work', arguments: { ask: 'again' } };
      const result = client.callTool(args, { signal: abort.signal, onprogress: (one) => progress.add(one) });
      await progress.find((one) => /Waiting for approval/.test(one.message));
      abort.abort();
      await assert.rejects(result);
      const [approval] = await server.pending();
      await server.approve(approval.id);
      assert.equal((await server.approval(approval.id)).status, 'approved');
      assert.equal(upstream.calls.items.length, before);
      assert.equal(textOf(await client.callTool(args)), 'done');
      assert.equal(upstream.calls.items.length, before + 1);
      events.close();
    });

    test('hears that the list of tools has changed', async () => {
      const changed = new Log();
      client.setNotificationHandler('notifications/tools/list_changed', (one) => changed.add(one));
      const subscription = await client.listen({ toolsListChanged: true });
      await server.applyPolicy(`${POLICY}tools: [{name: up/work, enabled: false}]\n`);
      await within(changed.find(() => true), 20_000, 'tools/list_changed');
      assert.deepEqual((await client.listTools()).tools, []);
      await server.applyPolicy(POLICY);
      await subscription.close();
    });

    test('the record has both phases of its calls', async () => {
      const { records, verified } = await server.audit();
      assert.equal(verified.code, 0);
      const kinds = records.map((one) => one.kind);
      assert.ok(kinds.includes('call.decided') && kinds.includes('call.completed'));
    });

    test('a revoked key ends what it does', async () => {
      const progress = new Log();
      const held = client.callTool({ name: 'up__work', arguments: { ask: 'revoked' } }, { onprogress: (one) => progress.add(one) });
      await progress.find((one) => /Waiting for approval/.test(one.message));
      await server.rest.call('DELETE', `/auth/api-keys/${id}`);
      const ended = await held.catch((error) => error);
      assert.ok(ended instanceof Error || ended.isError);
      await assert.rejects(client.listTools());
    });
  });
}
