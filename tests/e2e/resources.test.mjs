// Resources, prompts and completion of two servers that name everything alike, one over HTTP and one
// over stdio, as clients of each generation get them on the common path.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Client as Modern, StreamableHTTPClientTransport as ModernTransport } from '@modelcontextprotocol/client';
import { PromptListChangedNotificationSchema, ResourceUpdatedNotificationSchema } from '@modelcontextprotocol/sdk/types.js';
import { HttpFixture, StdioFixture } from '../conformance/support/fixture.mjs';
import { Cleanup, Log, Preloop, connect, post, openSession, within } from './support/all.mjs';

const POLICY = `
version: 2
rules:
  - {tool: "web/resources:read", when: "args.uri.endsWith('binary')", action: deny, message: "no pictures"}
  - {tool: "local/resources:read", when: "args.uri.endsWith('watched-resource')", action: require_approval}
  - {tool: "local/prompts:get", action: deny, message: "no prompts from here"}
  - {tool: "*", action: allow}
`;
const REFUSED = -31001;

describe('resources and prompts of two servers', () => {
  const cleanup = new Cleanup();
  let server, key;
  const clients = {};

  before(async () => {
    server = cleanup.add(await Preloop.start(), (one) => one.dispose());
    const web = cleanup.add(await HttpFixture.start({ legacyOnly: true }), (one) => one.close());
    const local = cleanup.add(await StdioFixture.start({ legacyOnly: true }), (one) => one.close());
    await server.addServer(web.config('web'));
    await server.addServer(local.config('local'));
    await server.applyPolicy(POLICY);
    key = await server.agentKey('reader');
    clients.legacy = cleanup.add(await connect(server, key), (one) => one.close());
    const modern = new Modern({ name: 'modern', version: '1' }, { versionNegotiation: { mode: { pin: '2026-07-28' } } });
    const headers = { Authorization: `Bearer ${key}` };
    await modern.connect(new ModernTransport(new URL(`${server.url}/mcp/v1`), { requestInit: { headers } }));
    clients.modern = cleanup.add(modern, (one) => one.close());
  });
  after(() => cleanup.run());

  for (const era of ['legacy', 'modern']) {
    test(`${era}: everything is listed once for each server, under a name of its own`, async () => {
      const client = clients[era];
      const uris = (await client.listResources()).resources.map((one) => one.uri);
      for (const name of ['web', 'local']) assert.ok(uris.includes(`${name}+test://static-text`), uris.join(' '));
      assert.equal(new Set(uris).size, 6);
      const templates = (await client.listResourceTemplates()).resourceTemplates.map((one) => one.uriTemplate);
      assert.deepEqual(templates.sort(), ['local+test://template/{id}/data', 'web+test://template/{id}/data']);
      // Prompts of `local` can never be got, so they are not shown.
      const prompts = (await client.listPrompts()).prompts.map((one) => one.name);
      assert.ok(prompts.includes('web__test_simple_prompt'));
      assert.ok(prompts.every((name) => name.startsWith('web__')));
    });

    test(`${era}: what is read comes from the server that is named`, async () => {
      const client = clients[era];
      const read = await client.readResource({ uri: 'local+test://template/7/data' });
      assert.equal(read.contents[0].uri, 'local+test://template/7/data');
      assert.match(read.contents[0].text, /Data for ID: 7/);
      await assert.rejects(client.readResource({ uri: 'test://static-text' }), /no resource/i);
      await assert.rejects(client.readResource({ uri: 'nobody+test://static-text' }), /no resource/i);
    });

    test(`${era}: rules decide on what is read, and say why not`, async () => {
      const client = clients[era];
      await assert.rejects(client.readResource({ uri: 'web+test://static-binary' }), (error) => {
        assert.equal(error.code, REFUSED);
        assert.match(error.message, /no pictures/);
        return true;
      });
      assert.ok((await client.readResource({ uri: 'local+test://static-binary' })).contents[0].blob);
    });

    test(`${era}: prompts and completion`, async () => {
      const client = clients[era];
      const got = await client.getPrompt({ name: 'web__test_prompt_with_arguments', arguments: { arg1: 'a', arg2: 'b' } });
      assert.equal(got.messages[0].content.text, "Prompt with arguments: arg1='a', arg2='b'");
      const completed = await client.complete({
        ref: { type: 'ref/prompt', name: 'web__test_prompt_with_arguments' },
        argument: { name: 'arg1', value: 'par' },
      });
      assert.deepEqual(completed.completion.values, ['paris', 'park', 'party']);
      const ofTemplate = await client.complete({
        ref: { type: 'ref/resource', uri: 'local+test://template/{id}/data' },
        argument: { name: 'id', value: '4' },
      });
      assert.deepEqual(ofTemplate.completion.values, ['41', '42']);
    });

    test(`${era}: what a tool's result embeds can be told from another server's`, async () => {
      const result = await clients[era].callTool({ name: 'web__test_embedded_resource', arguments: {} });
      assert.equal(result.content[0].resource.uri, 'web+test://embedded-resource');
    });
  }

  test('a resource that needs approval is read once a person agrees', async () => {
    const reading = clients.legacy.readResource({ uri: 'local+test://watched-resource' });
    reading.catch(() => {});
    const approval = await within(
      (async () => {
        for (;;) {
          const [first] = await server.pending();
          if (first) return first;
          await new Promise((resolve) => setImmediate(resolve));
        }
      })(),
      30_000,
      'the request for approval',
    );
    assert.equal(approval.tool, 'resources:read');
    await server.approve(approval.id);
    assert.equal((await reading).contents[0].text, 'watched');
  });

  test('who subscribed to a resource is told, and nobody else', async () => {
    const told = new Log();
    const client = cleanup.add(await connect(server, key, { name: 'subscriber' }), (one) => one.close());
    client.setNotificationHandler(ResourceUpdatedNotificationSchema, (one) => told.add(one.params.uri));
    const silent = cleanup.add(await connect(server, key, { name: 'silent' }), (one) => one.close());
    silent.setNotificationHandler(ResourceUpdatedNotificationSchema, () => assert.fail('nobody asked'));
    await client.subscribeResource({ uri: 'local+test://watched-resource' });
    await client.callTool({ name: 'local__test_touch_watched', arguments: {} });
    assert.equal(await within(told.find(() => true), 30_000, 'the news'), 'local+test://watched-resource');
    await client.unsubscribeResource({ uri: 'local+test://watched-resource' });
  });

  test('a list that changed is told to who has seen it', async () => {
    const told = new Log();
    const client = cleanup.add(await connect(server, key, { name: 'lists' }), (one) => one.close());
    client.setNotificationHandler(PromptListChangedNotificationSchema, (one) => told.add(one));
    await client.listPrompts();
    await server.applyPolicy(POLICY.replace('action: deny, message: "no prompts from here"', 'action: allow'));
    await within(told.find(() => true), 30_000, 'the news');
    const names = (await client.listPrompts()).prompts.map((one) => one.name);
    assert.ok(names.includes('local__test_simple_prompt'));
  });

  test('no path reaches a server around the rules', async () => {
    const session = await openSession(server, key);
    const ask = async (method, params, path = '/mcp/v1') =>
      (await post(server, { jsonrpc: '2.0', id: 1, method, params }, { key, session, path })).json;
    // A request is no tool, on no path; a tool no resource.
    assert.ok((await ask('tools/call', { name: 'web__resources:read', arguments: { uri: 'test://static-binary' } })).error);
    const own = await openSession(server, key, { path: '/mcp/v1/servers/web' });
    const onOwn = await post(
      server,
      { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'resources:read', arguments: { uri: 'test://static-binary' } } },
      { key, session: own, path: '/mcp/v1/servers/web' },
    );
    assert.ok(onOwn.json.error);
    const denied = await post(
      server,
      { jsonrpc: '2.0', id: 1, method: 'resources/read', params: { uri: 'test://static-binary' } },
      { key, session: own, path: '/mcp/v1/servers/web' },
    );
    assert.equal(denied.json.error.code, REFUSED);
    assert.equal((await ask('resources/read', { uri: 'web+test:\u002f/static-binary' })).error.code, REFUSED);
  });
});
