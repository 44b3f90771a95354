// The official MCP client, and a raw one for what the official one would never send.
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { ResultSchema } from '@modelcontextprotocol/sdk/types.js';
import { Log, within } from './processes.mjs';

/** A connected client; `path` may name one server. */
export async function connect(server, key, { path = '/mcp/v1', name = 'e2e' } = {}) {
  const client = new Client({ name, version: '1' });
  const transport = new StreamableHTTPClientTransport(new URL(server.url + path), {
    requestInit: { headers: { Authorization: `Bearer ${key}` } },
  });
  await client.connect(transport);
  client.sessionId = transport.sessionId;
  return client;
}

/** tools/call as it is on the wire: nothing is checked or dropped. */
export function call(client, name, args = {}, { onprogress, signal, meta, timeout = 120_000 } = {}) {
  return client.request(
    { method: 'tools/call', params: { name, arguments: args, ...(meta ? { _meta: meta } : {}) } },
    ResultSchema,
    { onprogress, signal, timeout, resetTimeoutOnProgress: true },
  );
}

export function textOf(result) {
  return (result.content ?? []).map((item) => item.text ?? '').join('\n');
}

/** A call that waits for a person: the request of it, and the promise of its result. */
export async function held(server, client, name, args, options = {}) {
  const progress = new Log();
  const before = new Set((await server.pending()).map((request) => request.id));
  const result = call(client, name, args, { ...options, onprogress: (one) => progress.add(one) });
  result.catch(() => {});
  const first = await within(
    Promise.race([
      progress.find((one) => /Waiting for approval/.test(one.message)),
      result.then((answer) => {
        throw new Error(`not held, but answered: ${JSON.stringify(answer)}`);
      }),
    ]),
    30_000,
    `${name} to be held`,
  );
  const pending = await server.pending();
  const approval = pending.find((request) => !before.has(request.id)) ?? pending[0];
  return { approval, result, progress, message: first.message };
}

/** One POST to the endpoint. */
export async function post(server, body, { key, session, headers = {}, path = '/mcp/v1', signal } = {}) {
  const response = await fetch(server.url + path, {
    method: 'POST',
    headers: {
      'Content-Type': 'application/json',
      Accept: 'application/json, text/event-stream',
      ...(key ? { Authorization: `Bearer ${key}` } : {}),
      ...(session ? { 'Mcp-Session-Id': session } : {}),
      ...headers,
    },
    body: typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body),
    signal,
  });
  const text = await response.text();
  let json;
  try {
    json = JSON.parse(text);
  } catch {
    // an event stream, or nothing
  }
  return { status: response.status, headers: response.headers, text, json };
}

/** initialize by hand; the session's id. */
export async function openSession(server, key, { path = '/mcp/v1', revision = '2025-11-25' } = {}) {
  const { headers } = await post(
    server,
    {
      jsonrpc: '2.0',
      id: 0,
      method: 'initialize',
      params: { protocolVersion: revision, capabilities: {}, clientInfo: { name: 'raw', version: '1' } },
    },
    { key, path },
  );
  const session = headers.get('mcp-session-id');
  await post(server, { jsonrpc: '2.0', method: 'notifications/initialized' }, { key, session, path });
  return session;
}
