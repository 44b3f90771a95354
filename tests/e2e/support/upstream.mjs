// Upstream MCP servers that live in the test: every call is seen, and answered when the test says so.
import { once } from 'node:events';
import http from 'node:http';
import net from 'node:net';
import readline from 'node:readline';
import { fileURLToPath } from 'node:url';
import { Log } from './processes.mjs';

const RELAY = fileURLToPath(new URL('./relay.mjs', import.meta.url));

export const WORK = { name: 'work', description: 'Does something once.', inputSchema: { type: 'object' } };

export function text(value) {
  return { content: [{ type: 'text', text: value }] };
}

/** What stdio and HTTP upstreams share: who they are, and the calls they got. */
class Upstream {
  /** Every tools/call: {id, name, args, params, answer(result), fail(error)}. */
  calls = new Log();
  notifications = new Log();
  /** Called for each call; the default answers it with its arguments. */
  onCall = (call) => call.answer(text(`did ${JSON.stringify(call.args)}`));

  constructor({ tools = [WORK], onCall } = {}) {
    this.tools = tools;
    if (onCall) this.onCall = onCall;
  }

  /** How often a call with these arguments got here. */
  count(args) {
    return this.calls.items.filter((call) => JSON.stringify(call.args) === JSON.stringify(args)).length;
  }

  take(message, send) {
    const answer = (result) => send(JSON.stringify({ jsonrpc: '2.0', id: message.id, result }));
    switch (message.method) {
      case 'initialize':
        return answer({
          protocolVersion: message.params.protocolVersion,
          capabilities: { tools: { listChanged: true } },
          serverInfo: { name: 'in-test', version: '1' },
        });
      case 'tools/list':
        return answer({ tools: this.tools });
      case 'ping':
        return answer({});
      case 'tools/call': {
        const one = {
          id: message.id,
          name: message.params.name,
          args: message.params.arguments,
          params: message.params,
          answer,
          send,
          fail: (error) => send(JSON.stringify({ jsonrpc: '2.0', id: message.id, error })),
          progress: (params) =>
            send(
              JSON.stringify({
                jsonrpc: '2.0',
                method: 'notifications/progress',
                params: { progressToken: message.params._meta?.progressToken, ...params },
              }),
            ),
        };
        this.calls.add(one);
        return this.onCall(one);
      }
      default:
        if (message.id === undefined) this.notifications.add(message);
        else if (message.method) send(JSON.stringify({ jsonrpc: '2.0', id: message.id, error: { code: -32601, message: 'no' } }));
    }
  }
}

/** Behind `relay.mjs`, which the server under test starts as its child. */
export class StdioUpstream extends Upstream {
  /** One item a started process: {pid, environment, tell(command), messages}. */
  processes = new Log();
  forked = new Log();

  static async start(options) {
    const upstream = new StdioUpstream(options);
    upstream.server = net.createServer((socket) => upstream.#connected(socket));
    upstream.server.listen(0, '127.0.0.1');
    await once(upstream.server, 'listening');
    return upstream;
  }

  config(name) {
    return {
      name,
      transport: 'stdio',
      command: process.execPath,
      args: [RELAY],
      env: { CONTROL_PORT: String(this.server.address().port) },
    };
  }

  get current() {
    return this.processes.items.at(-1);
  }

  #connected(socket) {
    const tell = (command) => socket.write(`${JSON.stringify(command)}\n`);
    socket.on('error', () => {});
    readline.createInterface({ input: socket }).on('line', (line) => {
      const said = JSON.parse(line);
      if (said.hello) this.processes.add({ pid: said.hello, environment: said.environment, tell, closed: once(socket, 'close') });
      if (said.forked) this.forked.add(said.forked);
      if (said.line) this.take(JSON.parse(said.line), (out) => tell({ out: `${out}\n` }));
    });
    (this.sockets ??= []).push(socket);
  }

  close() {
    for (const socket of this.sockets ?? []) socket.destroy();
    this.server.close();
  }
}

/** Streamable HTTP, answers as plain JSON; it lives on when the server under test dies. */
export class HttpUpstream extends Upstream {
  sessions = 0;
  requests = new Log();
  /** Looks at a request before anything else; true: it has answered. */
  before = () => false;

  static async start(options) {
    const upstream = new HttpUpstream(options);
    upstream.server = http.createServer((request, response) => upstream.#handle(request, response));
    // Closed in the very moment of a call, an idle connection leaves its outcome unknown, as it must.
    upstream.server.keepAliveTimeout = 0;
    upstream.server.listen(0, '127.0.0.1');
    await once(upstream.server, 'listening');
    return upstream;
  }

  get url() {
    return `http://127.0.0.1:${this.server.address().port}/mcp`;
  }
  config(name) {
    return { name, transport: 'streamable_http', url: this.url };
  }

  async #handle(request, response) {
    let body = '';
    for await (const piece of request.setEncoding('utf8')) body += piece;
    const message = body ? JSON.parse(body) : undefined;
    this.requests.add({ method: request.method, headers: request.headers, message });
    response.on('error', () => {});
    if (this.before(request, response, message)) return;
    if (request.method !== 'POST') return void response.writeHead(request.method === 'DELETE' ? 200 : 405).end();
    if (message.id === undefined) {
      this.take(message, () => {});
      return void response.writeHead(202).end();
    }
    const head = { 'Content-Type': 'application/json' };
    if (message.method === 'initialize') head['Mcp-Session-Id'] = `session-${++this.sessions}`;
    this.take(message, (out) => response.writeHead(200, head).end(out));
    const call = this.calls.items.at(-1);
    if (message.method === 'tools/call' && call) call.response = response;
  }

  close() {
    this.server.closeAllConnections();
    this.server.close();
  }
}
