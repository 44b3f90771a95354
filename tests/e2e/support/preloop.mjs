// The server under test: its own data dir and home, port 0, killed and started again at will.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Output, run, within } from './processes.mjs';
import { Rest } from './rest.mjs';

export const PRELOOP_BIN = process.env.PRELOOP_BIN;
assert.ok(PRELOOP_BIN, 'PRELOOP_BIN names the server to test');

const PASSWORD = 'correct horse battery staple';
const OWNER = 'ana@example.com';
const IS_ROOT = process.getuid() === 0;

// The runner ends a file that takes too long with SIGTERM; its servers must not outlive it.
const running = new Set();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});
process.once('SIGTERM', () => process.exit(1));

export class Preloop {
  static OWNER = OWNER;
  static PASSWORD = PASSWORD;

  /**
   * `owner: false` leaves the owner to the set-up link; `dropRoot` lets a server started by root
   * become somebody else, as it does by default. More `args` and `env` are for `serve`. A server
   * with a public URL does not say where it listens: give it a `listen` of its own.
   */
  static async start({ owner = true, dropRoot = false, example = false, args = [], env = {}, binary = PRELOOP_BIN, listen } = {}) {
    const server = new Preloop();
    server.listen = listen;
    server.binary = binary;
    server.root = await mkdtemp(join(tmpdir(), 'preloop-e2e-'));
    await chmod(server.root, 0o755);
    server.dataDir = join(server.root, 'data');
    server.home = join(server.root, 'home');
    server.env = {
      PATH: process.env.PATH,
      HOME: server.home,
      TMPDIR: server.root,
      PRELOOP_DATA_DIR: server.dataDir,
      NO_COLOR: '1',
    };
    for (const name of ['ASAN_OPTIONS', 'UBSAN_OPTIONS', 'TSAN_OPTIONS']) {
      if (process.env[name]) server.env[name] = process.env[name];
    }
    server.serveEnv = { ...env };
    if (owner) Object.assign(server.serveEnv, { PRELOOP_ADMIN_EMAIL: OWNER, PRELOOP_ADMIN_PASSWORD: PASSWORD });
    server.serveArgs = [...args];
    if (!example) server.serveArgs.push('--no-example');
    if (IS_ROOT && !dropRoot) server.serveArgs.push('--run-as', 'root');
    if (process.env.PRELOOP_IO_THREADS && !args.includes('--io-threads')) server.serveArgs.push('--io-threads', process.env.PRELOOP_IO_THREADS);
    await run('mkdir', ['-p', server.home]);
    try {
      await server.serve();
    } catch (error) {
      await server.dispose();
      throw error;
    }
    if (owner) server.operator = (await server.createKey('operator', 'test', ['--scopes', 'read,decide,configure'])).key;
    return server;
  }

  /** Starts the process, on the data dir as it is, and waits until it answers. */
  async serve({ listen = this.listen ?? '127.0.0.1:0' } = {}) {
    this.process = spawn(this.binary, ['serve', '--listen', listen, ...this.serveArgs], {
      env: { ...this.env, ...this.serveEnv },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const child = this.process;
    running.add(child);
    child.once('exit', () => running.delete(child));
    this.stdout = new Output(this.process.stdout);
    this.stderr = new Output(this.process.stderr);
    this.exited = once(this.process, 'exit').then(([code, signal]) => ({ code, signal }));
    const ready = this.stdout.match(/is ready at (https?:\/\/\S+)\n(?:[^]*\n)?\n$/);
    const died = this.exited.then(({ code, signal }) => {
      throw new Error(`serve ended (${code ?? signal}): ${this.stderr.text}`);
    });
    died.catch(() => {});
    // What it said on standard error explains more than that its output has ended.
    this.url = (await Promise.race([ready.catch(() => died), died]))[1];
    if (this.listen) this.url = `http://${this.listen}`;
    ready.catch(() => {});
    const before = this.rest;
    this.rest = new Rest(this.url, () => this.operator);
    this.rest.contract = before?.contract;
  }

  /** The end without a warning, as a power cut would be for the process. */
  async kill() {
    this.process.kill('SIGKILL');
    await within(this.exited, 10_000, 'the end of a killed server');
  }

  async restart() {
    await this.kill();
    await this.serve();
  }

  /** SIGTERM, and the exit code. */
  async stop(ms = 60_000) {
    this.process.kill('SIGTERM');
    return await within(this.exited, ms, `the end of serve after SIGTERM; it said: ${this.stderr.text.slice(-3000)}`);
  }

  /** The end of a test: the server must go by itself, at once, and without a complaint. */
  async dispose() {
    try {
      if (this.process && this.process.exitCode === null && this.process.signalCode === null) {
        const { code, signal } = await this.stop(45_000);
        assert.equal(code, 0, `serve ended with ${code ?? signal}: ${this.stderr.text.slice(-4000)}`);
      }
      assert.doesNotMatch(this.stderr?.text ?? '', /Sanitizer|runtime error:|this is a bug/);
    } finally {
      this.process?.kill('SIGKILL');
      await rm(this.root, { recursive: true, force: true });
    }
  }

  /** The command line of the same program; `key` is for --token. */
  async cli(args, { key, input, env } = {}) {
    const url = this.url ? { PRELOOP_URL: this.url } : {};
    const token = key ? { PRELOOP_TOKEN: key } : {};
    return await run(PRELOOP_BIN, args, { env: { ...this.env, ...url, ...token, ...env }, input });
  }

  /** As `cli`, for commands that must succeed; their standard output. */
  async ok(args, options) {
    const { code, stdout, stderr } = await this.cli(args, options);
    assert.equal(code, 0, `preloop ${args.join(' ')}: ${stdout}${stderr}`);
    return stdout;
  }

  /** A running command, for what waits. */
  spawnCli(args, { key } = {}) {
    const child = spawn(PRELOOP_BIN, args, {
      env: { ...this.env, PRELOOP_URL: this.url, ...(key ? { PRELOOP_TOKEN: key } : {}) },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    return {
      child,
      stdout: new Output(child.stdout),
      stderr: new Output(child.stderr),
      exited: once(child, 'close').then(([code, signal]) => ({ code, signal })),
    };
  }

  async createKey(keyClass, name, more = []) {
    return JSON.parse(
      await this.ok(['admin', 'key', 'create', '--class', keyClass, '--name', name, ...more, '--output', 'json']),
    );
  }

  /** A key of the agent of that name. */
  async agentKey(name = 'agent') {
    return (await this.createKey('agent', name)).key;
  }

  /** Signs the owner in to the console; headers of that session, for `rest.call`. */
  async signIn() {
    const credentials = { email: OWNER, password: PASSWORD };
    const { body, headers } = await this.rest.call('POST', '/auth/sign-in', { body: credentials, key: null });
    const [cookie] = headers.get('set-cookie').split(';');
    return { Cookie: cookie, 'X-Preloop-Session': body.session_token, Origin: this.url };
  }

  /** Adds an MCP server and waits until its tools are there. A command needs the console. */
  async addServer(config) {
    const who = config.transport === 'stdio' ? { key: null, headers: await this.signIn() } : {};
    const events = await this.rest.events();
    try {
      const { body } = await this.rest.call('POST', '/mcp-servers', { body: config, expect: 201, ...who });
      return await this.serverReady(body.id, events);
    } finally {
      events.close();
    }
  }

  async serverReady(id, events) {
    for (let from = 0; ; ) {
      const { body } = await this.rest.call('GET', `/mcp-servers/${id}`);
      if (body.status === 'ready' && body.tools > 0) return body;
      const seen = events.items.length;
      await events.find((event) => event.kind === 'server.updated', {
        from: Math.max(from, 0),
        what: `the server ${body.name} to be ready; it is ${body.status}: ${body.last_error}`,
      });
      from = seen;
    }
  }

  async applyPolicy(yaml) {
    return await this.rest.call('POST', '/policies/apply?prune=true', {
      text: yaml,
      headers: { 'Content-Type': 'application/yaml' },
    });
  }

  async pending() {
    return (await this.rest.call('GET', '/approval-requests?status=pending')).body.items;
  }
  async approval(id) {
    return (await this.rest.call('GET', `/approval-requests/${id}`)).body;
  }
  async approve(id, options = {}) {
    return await this.rest.call('POST', `/approval-requests/${id}/approve`, { body: {}, ...options });
  }
  async decline(id, comment) {
    return await this.rest.call('POST', `/approval-requests/${id}/decline`, { body: { comment } });
  }

  /** Everything in the record, oldest first, and what the offline verifier says about it. */
  async audit() {
    const file = join(this.root, 'export.jsonl');
    await this.ok(['audit', 'export', file], { key: this.operator });
    const verified = await this.cli(['audit', 'verify', file, '--output', 'json']);
    const text = await readFile(file, 'utf8');
    const records = text
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line).record)
      .filter(Boolean);
    return { file, text, records, verified };
  }
}
