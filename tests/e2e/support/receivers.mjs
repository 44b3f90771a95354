// Who is notified: an HTTP receiver whose answers a test can choose, and mail servers.
import { once } from 'node:events';
import http from 'node:http';
import { SMTPServer } from 'smtp-server';
import { Log } from './processes.mjs';

/** Takes POSTs and keeps them; `answer` gives the next ones' status (200 when it says nothing). */
export class Receiver {
  static async start() {
    const receiver = new Receiver();
    receiver.log = new Log();
    receiver.answer = () => 200;
    receiver.server = http.createServer(async (request, response) => {
      let body = '';
      for await (const piece of request.setEncoding('utf8')) body += piece;
      const status = receiver.answer(receiver.log.items.length);
      receiver.log.add({ headers: request.headers, path: request.url, body, json: JSON.parse(body), status });
      response.writeHead(status).end('{}');
    });
    receiver.server.listen(0, '127.0.0.1');
    await once(receiver.server, 'listening');
    receiver.url = `http://127.0.0.1:${receiver.server.address().port}`;
    return receiver;
  }

  async close() {
    this.server.closeAllConnections();
    this.server.close();
  }
}

/** An SMTP server that insists on TLS and a password, as providers do. */
export class StrictMail {
  static async start({ key, cert, user, password }) {
    const mail = new StrictMail();
    mail.log = new Log();
    mail.server = new SMTPServer({
      key,
      cert,
      authMethods: ['PLAIN', 'LOGIN'],
      onAuth(auth, session, done) {
        const right = auth.username === user && auth.password === password;
        done(right ? null : new Error('no'), right ? { user } : undefined);
      },
      async onData(stream, session, done) {
        let data = '';
        for await (const piece of stream.setEncoding('utf8')) data += piece;
        mail.log.add({ data, secure: session.secure, user: session.user, to: session.envelope.rcptTo.map((one) => one.address) });
        done();
      },
    });
    mail.server.on('error', () => {});
    await new Promise((ready) => mail.server.listen(0, '127.0.0.1', ready));
    mail.port = mail.server.server.address().port;
    return mail;
  }

  async close() {
    await new Promise((closed) => this.server.close(closed));
  }
}
