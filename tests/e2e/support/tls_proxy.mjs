// A reverse proxy that ends TLS in front of the server under test, as nginx or Caddy would.
import { once } from 'node:events';
import http from 'node:http';
import https from 'node:https';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from './processes.mjs';

export class TlsProxy {
  /** Listens on a port of its own; `target` (host:port) may be set later. */
  static async start() {
    const proxy = new TlsProxy();
    const folder = await mkdtemp(join(tmpdir(), 'preloop-tls-'));
    const files = { key: join(folder, 'key.pem'), cert: join(folder, 'cert.pem') };
    await run('openssl', [
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'],
      ...['-keyout', files.key, '-out', files.cert, '-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'],
    ]);
    const options = { key: await readFile(files.key), cert: await readFile(files.cert) };
    await rm(folder, { recursive: true });
    proxy.server = https.createServer(options, (request, response) => proxy.#pass(request, response));
    proxy.server.listen(0, '127.0.0.1');
    await once(proxy.server, 'listening');
    proxy.url = `https://localhost:${proxy.server.address().port}`;
    return proxy;
  }

  #pass(request, response) {
    const [host, port] = this.target.split(':');
    const headers = { ...request.headers, 'x-forwarded-for': request.socket.remoteAddress, 'x-forwarded-proto': 'https' };
    const onward = http.request({ host, port, method: request.method, path: request.url, headers }, (answer) => {
      response.writeHead(answer.statusCode, answer.rawHeaders);
      // Each piece as it comes: an event stream has no end to wait for.
      answer.pipe(response);
    });
    onward.on('error', () => (response.headersSent ? response.destroy() : response.writeHead(502).end()));
    response.on('close', () => onward.destroy());
    request.pipe(onward);
  }

  close() {
    this.server.close();
    this.server.closeAllConnections();
  }
}
