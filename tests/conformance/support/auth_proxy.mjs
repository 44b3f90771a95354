// The suite cannot send credentials: a proxy adds them and changes nothing else.
import { once } from 'node:events';
import http from 'node:http';

export class AuthProxy {
  static async start(target, key) {
    const proxy = new AuthProxy();
    const { hostname, port, pathname } = new URL(target);
    proxy.server = http.createServer((request, response) => {
      // Host as the client sent it: whether it is refused is one of the suite's questions. But for
      // a proxy's port, which would be another name for the server.
      const host = request.headers.host.replace(/:\d+$/, `:${port}`);
      const origin = request.headers.origin?.replace(`:${proxy.server.address().port}`, `:${port}`);
      const headers = { ...request.headers, host, authorization: `Bearer ${key}`, ...(origin ? { origin } : {}) };
      const onward = http.request({ hostname, port, path: pathname, method: request.method, headers }, (answer) => {
        response.writeHead(answer.statusCode, answer.headers);
        response.flushHeaders();
        answer.pipe(response);
      });
      onward.on('error', () => response.destroy());
      response.on('close', () => onward.destroy());
      request.pipe(onward);
    });
    proxy.server.listen(0, '127.0.0.1');
    await once(proxy.server, 'listening');
    return proxy;
  }
  get url() {
    return `http://127.0.0.1:${this.server.address().port}/mcp`;
  }
  close() {
    this.server.closeAllConnections();
    this.server.close();
  }
}
