// What each flag of `serve` does to the outside.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { chmod, copyFile, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import https from 'node:https';
import net from 'node:net';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Cleanup, Preloop, freePort, run } from './support/all.mjs';

const isRoot = process.getuid() === 0;

describe('flags of serve', () => {
  const cleanup = new Cleanup();
  after(() => cleanup.run());
  const start = async (options) => cleanup.add(await Preloop.start(options), (one) => one.dispose());

  test('--tls-cert and --tls-key; SIGHUP reads them again, and keeps the old ones when they are no good', async () => {
    const server = await start({ owner: false });
    await server.stop();
    const make = (name) =>
      run('openssl', [
        ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'],
        ...['-keyout', join(server.root, `${name}.key`), '-out', join(server.root, `${name}.crt`), '-subj', `/CN=${name}`],
        ...['-addext', 'subjectAltName=IP:127.0.0.1'],
      ]);
    const install = async (name) => {
      await copyFile(join(server.root, `${name}.key`), join(server.root, 'key.pem'));
      await copyFile(join(server.root, `${name}.crt`), join(server.root, 'cert.pem'));
    };
    await make('first');
    await make('second');
    await install('first');
    server.serveArgs.push('--tls-cert', join(server.root, 'cert.pem'), '--tls-key', join(server.root, 'key.pem'));
    await server.serve();
    assert.match(server.url, /^https:/);
    /** Verified against that certificate, on a connection of its own. */
    const subject = async (name, options = {}) => {
      const request = https.get(`${server.url}/healthz`, {
        ca: await readFile(join(server.root, `${name}.crt`)),
        agent: false,
        ...options,
      });
      const [response] = await once(request, 'response');
      const { CN } = response.socket.getPeerCertificate().subject;
      response.resume();
      return CN;
    };
    assert.equal(await subject('first'), 'first');
    await assert.rejects(subject('first', { maxVersion: 'TLSv1.1', minVersion: 'TLSv1' }));
    await install('second');
    server.process.kill('SIGHUP');
    await server.stderr.match(/TLS files were read again/);
    assert.equal(await subject('second'), 'second');
    await writeFile(join(server.root, 'cert.pem'), 'nothing');
    server.process.kill('SIGHUP');
    await server.stderr.match(/TLS files could not be read again; the old ones stay/);
    assert.equal(await subject('second'), 'second');
  });

  test('--trusted-proxy: what it says of the client is believed, others are not', async () => {
    const listen = `127.0.0.1:${await freePort()}`;
    const server = await start({ listen, args: ['--trusted-proxy', '127.0.0.1/32', '--public-url', 'https://preloop.example.com'] });
    const headers = { 'X-Forwarded-For': '198.51.100.9, 203.0.113.7' };
    const signIn = { body: { email: Preloop.OWNER, password: Preloop.PASSWORD }, key: null, headers };
    await server.rest.call('POST', '/auth/sign-in', signIn);
    const { text } = await server.audit();
    assert.ok(text.includes('203.0.113.7'), 'the right-most hop that is no proxy of ours');
    assert.ok(!text.includes('198.51.100.9'), 'what the client wrote itself');
    // Behind a proxy that ends TLS the cookie is one for https.
    const answer = await server.rest.call('POST', '/auth/sign-in', signIn);
    assert.match(answer.headers.get('set-cookie'), /^__Host-preloop=.*Secure/i);
  });

  test('without --trusted-proxy the header is ignored', async () => {
    const server = await start();
    await server.rest.call('POST', '/auth/sign-in', {
      body: { email: Preloop.OWNER, password: Preloop.PASSWORD },
      key: null,
      headers: { 'X-Forwarded-For': '203.0.113.7' },
    });
    const { text } = await server.audit();
    assert.ok(!text.includes('203.0.113.7'));
  });

  test('--metrics-listen: metrics there without a key, and nothing else', async () => {
    const port = await freePort();
    await start({ args: ['--metrics-listen', `127.0.0.1:${port}`] });
    const metrics = await fetch(`http://127.0.0.1:${port}/metrics`, { headers: { 'X-Forwarded-For': '203.0.113.7' } });
    assert.equal(metrics.status, 200);
    assert.match(await metrics.text(), /^preloop_/m);
    for (const path of ['/', '/api/v1/status', '/mcp/v1']) {
      assert.equal((await fetch(`http://127.0.0.1:${port}${path}`)).status, 404, path);
    }
  });

  test('--allowed-host and --public-url: names that may stand in Host and Origin', async () => {
    const port = await freePort();
    await start({ listen: `127.0.0.1:${port}`, args: ['--allowed-host', 'inside.example', '--public-url', 'http://preloop.example:8000'] });
    const status = (host) =>
      new Promise((resolve, reject) => {
        const socket = net.connect(port, '127.0.0.1', () =>
          socket.end(`GET /setup HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`),
        );
        let text = '';
        socket.on('data', (piece) => (text += piece)).on('end', () => resolve(text.slice(9, 12))).on('error', reject);
      });
    assert.equal(await status('inside.example'), '200');
    assert.equal(await status('preloop.example:8000'), '200');
    assert.equal(await status('outside.example'), '421');
  });

  test('--config: a file with the same keys; an unknown one is an error with its line', async () => {
    const server = await start({ owner: false });
    const file = join(server.root, 'preloop.yaml');
    await writeFile(file, 'log_level: warn\nallowed_host: [one.example, two.example]\nretention_days: 7\n');
    const shown = await server.cli(['serve', '--print-config', '--config', file, '--log-level', 'debug']);
    assert.equal(shown.code, 0, shown.stderr);
    assert.match(shown.stdout, /^log-level\s+flag\s+debug$/m);
    assert.match(shown.stdout, /^allowed-host\s+file\s+one\.example,? ?two\.example$/m);
    assert.match(shown.stdout, /^retention-days\s+file\s+7$/m);
    await writeFile(file, 'log_level: warn\nretention_dais: 7\n');
    const wrong = await server.cli(['serve', '--config', file]);
    assert.equal(wrong.code, 2);
    assert.match(wrong.stderr, /preloop\.yaml:2.*retention_dais/);
  });

  test('--master-key-file and --master-key-command: the operator’s own key', async () => {
    const server = await start({ owner: false });
    await server.stop();
    const key = join(server.root, 'own.key');
    await writeFile(key, `${'0123456789abcdef'.repeat(4)}\n`, { mode: 0o600 });
    server.dataDir = join(server.root, 'own');
    server.env.PRELOOP_DATA_DIR = server.dataDir;
    const before = server.serveArgs;
    server.serveArgs = [...before, '--master-key-file', key];
    await server.serve();
    await assert.rejects(stat(join(server.dataDir, 'keys', 'master.key')));
    await server.stop();
    server.serveArgs = [...before, '--master-key-command', `cat ${key}`];
    await server.serve();
    await server.stop();
    // Without it, or with another one, it does not start.
    server.serveArgs = before;
    await assert.rejects(server.serve(), /master key/);
    await writeFile(key, `${'fedcba9876543210'.repeat(4)}\n`);
    server.serveArgs = [...before, '--master-key-file', key];
    await assert.rejects(server.serve(), /not the master key that this database was written with/);
    server.serveArgs = before;
  });

  test('--run-as: the process, its children and its files belong to that user', { skip: !isRoot && 'needs root' }, async () => {
    const server = await start({ owner: false, dropRoot: true, example: true, args: ['--run-as', 'nobody'] });
    const status = await readFile(`/proc/${server.process.pid}/status`, 'utf8');
    const [, uid] = /^Uid:\s+(\d+)\s+\1\s+\1\s+\1$/m.exec(status);
    assert.notEqual(uid, '0');
    assert.match(status, /^Groups:[ \t]*(?!.*\b0\b)/m);
    assert.equal(String((await stat(join(server.dataDir, 'keys', 'master.key'))).uid), uid);
    // Root may ask for the data dir's sake, and leaves no file of its own there.
    await server.ok(['admin', 'key', 'create', '--class', 'agent', '--name', 'one']);
    await server.stop();
    await server.ok(['admin', 'key', 'create', '--class', 'agent', '--name', 'two']);
    assert.equal(String((await stat(join(server.dataDir, 'preloop.db'))).uid), uid);
    await server.serve();
  });

  test('a data dir that others may enter, or that cannot be written, is refused in one line', async () => {
    const server = await start({ owner: false });
    const open = join(server.root, 'open');
    await mkdir(open);
    await chmod(open, 0o755);
    const { code, stderr } = await server.cli(['serve', '--listen', '127.0.0.1:0', '--data-dir', open, ...(isRoot ? ['--run-as', 'root'] : [])]);
    assert.equal(code, 1);
    assert.match(stderr, /^preloop: the data dir .*open may be entered by others; run: chmod 700/m);
  });

  test('a database of a newer version is refused, and left as it is', async () => {
    const server = await start({ owner: false });
    await server.stop();
    const { DatabaseSync } = await import('node:sqlite');
    const database = new DatabaseSync(join(server.dataDir, 'preloop.db'));
    const { table } = database
      .prepare("SELECT name AS 'table' FROM sqlite_master WHERE type = 'table' AND name LIKE '%migration%'")
      .get();
    const last = database.prepare(`SELECT * FROM ${table} ORDER BY 1 DESC LIMIT 1`).get();
    const names = Object.keys(last);
    const next = { ...last, [names[0]]: Number(last[names[0]]) + 1 };
    if ('name' in next) next.name = 'from_the_future';
    database.prepare(`INSERT INTO ${table} (${names}) VALUES (${names.map(() => '?')})`).run(...Object.values(next));
    database.close();
    const refused = await server.cli(['serve', '--listen', '127.0.0.1:0', ...(isRoot ? ['--run-as', 'root'] : [])]);
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /^preloop: .*newer version/m);
    const again = new DatabaseSync(join(server.dataDir, 'preloop.db'));
    again.prepare(`DELETE FROM ${table} WHERE ${names[0]} = ?`).run(next[names[0]]);
    again.close();
    await server.serve();
  });

  test('--no-example and --io-threads', async () => {
    const server = await start({ args: ['--io-threads', '3'] });
    assert.deepEqual((await server.rest.call('GET', '/mcp-servers')).body.items, []);
    const threads = /^Threads:\s+(\d+)$/m.exec(await readFile(`/proc/${server.process.pid}/status`, 'utf8'))[1];
    assert.ok(Number(threads) >= 3);
  });

  test('--log-format and --log-level', async () => {
    const server = await start({ owner: false, args: ['--log-format', 'json', '--log-level', 'debug'] });
    await fetch(`${server.url}/healthz`);
    const [line] = await server.stderr.match(/^.*"\/healthz".*$/m);
    const said = JSON.parse(line);
    assert.ok(said.time && said.level && said.message && said.request_id, line);
    const quiet = await start({ owner: false, args: ['--log-format', 'text', '--log-level', 'error'] });
    await fetch(`${quiet.url}/healthz`);
    await quiet.stop();
    assert.equal(quiet.stderr.text, '');
  });
});
