// What servers ask of clients while they execute a call: forms, a model's answer, roots.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { CreateMessageRequestSchema, ElicitRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { HttpFixture, StdioFixture } from '../conformance/support/fixture.mjs';
import { Cleanup, Log, Preloop, textOf, within } from './support/all.mjs';

const POLICY = `
version: 2
rules:
  - {tool: "*", action: allow}
`;

for (const kind of ['http', 'stdio']) {
  describe(`asked by a server over ${kind}`, () => {
    const cleanup = new Cleanup();
    let server, key;

    /** A client that can do what it has handlers for. */
    async function connect(handlers = {}) {
      const capabilities = {};
      if (handlers.form) capabilities.elicitation = {};
      if (handlers.sample) capabilities.sampling = {};
      const client = new Client({ name: 'asked', version: '1' }, { capabilities });
      if (handlers.form) client.setRequestHandler(ElicitRequestSchema, handlers.form);
      if (handlers.sample) client.setRequestHandler(CreateMessageRequestSchema, handlers.sample);
      const headers = { Authorization: `Bearer ${key}` };
      await client.connect(new StreamableHTTPClientTransport(new URL(`${server.url}/mcp/v1`), { requestInit: { headers } }));
      return cleanup.add(client, (one) => one.close());
    }
    const ask = (client, name, args = {}) => client.callTool({ name: `up__${name}`, arguments: args });

    before(async () => {
      // One loop: what a server over HTTP asks beside its calls is heard by one connection only.
      server = cleanup.add(await Preloop.start({ args: ['--io-threads', '1'] }), (one) => one.dispose());
      const fixture = cleanup.add(await (kind === 'stdio' ? StdioFixture : HttpFixture).start({ legacyOnly: true }), (one) => one.close());
      await server.addServer(fixture.config('up'));
      await server.applyPolicy(POLICY);
      key = await server.agentKey('asked');
    });
    after(() => cleanup.run());

    test('a form is filled in by the client whose call it is', async () => {
      const other = await connect({ form: () => assert.fail('not this one') });
      const client = await connect({
        form: ({ params }) => {
          assert.equal(params.message, 'Who?');
          return { action: 'accept', content: { username: 'ana', email: 'ana@example.com' } };
        },
      });
      const result = await ask(client, 'test_elicitation', { message: 'Who?' });
      assert.match(textOf(result), /accept.*ana@example.com/);
      await other.ping();
    });

    test('a question beside its call reaches the client, too', async () => {
      const client = await connect({ form: () => ({ action: 'decline' }) });
      assert.match(textOf(await ask(client, 'test_elicitation_aside')), /action=decline/);
    });

    test("a model's answer", async () => {
      const client = await connect({
        sample: () => ({ model: 'm', role: 'assistant', content: { type: 'text', text: 'Paris' } }),
      });
      assert.match(textOf(await ask(client, 'test_sampling', { prompt: 'Capital?' })), /Paris/);
    });

    test('a client that cannot is not asked, and the server learns why', async () => {
      const result = await ask(await connect(), 'test_elicitation', { message: 'Who?' });
      assert.equal(result.isError, true);
      assert.match(textOf(result), /cannot show people forms/);
    });

    test('a refusal of the client is what the server gets', async () => {
      const client = await connect({
        form: () => {
          throw new Error('closed for today');
        },
      });
      assert.match(textOf(await ask(client, 'test_elicitation', { message: 'Who?' })), /closed for today/);
    });

    test('two clients at once are never asked for each other', async () => {
      const arrived = new Log();
      const slow = await connect({
        form: () =>
          new Promise((resolve) => {
            arrived.add(() => resolve({ action: 'accept', content: { username: 'slow', email: 'slow@example.com' } }));
          }),
      });
      const quick = await connect({ form: () => ({ action: 'accept', content: { username: 'quick', email: 'q@example.com' } }) });
      const first = ask(slow, 'test_elicitation', { message: 'Slow?' });
      const release = await within(arrived.find(() => true), 30_000, 'the first question');
      const second = await ask(quick, 'test_elicitation', { message: 'Quick?' });
      // A child process does not say whose call it asks about: refused, not guessed.
      assert.match(textOf(second), kind === 'stdio' ? /not known whose call/ : /quick/);
      release();
      assert.match(textOf(await first), /slow@example.com/);
    });
  });
}
