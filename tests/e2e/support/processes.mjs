// Child processes with deadlines: what a test starts, it ends.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import net from 'node:net';

/** Rejects after `ms` with `what`; a test never hangs without saying on what. */
export function within(promise, ms, what) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not within ${ms} ms: ${what}`)), ms);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/** A port that was free a moment ago, for what cannot be asked for its own. */
export async function freePort() {
  const probe = net.createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address();
  probe.close();
  await once(probe, 'close');
  return port;
}

/** Runs a program to its end. */
export async function run(command, args, { env, input, cwd, timeout = 60_000 } = {}) {
  const child = spawn(command, args, { env, cwd, stdio: ['pipe', 'pipe', 'pipe'] });
  const out = { stdout: '', stderr: '', code: null, signal: null };
  child.stdout.setEncoding('utf8').on('data', (text) => (out.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text) => (out.stderr += text));
  child.stdin.on('error', () => {});
  child.stdin.end(input ?? '');
  try {
    [out.code, out.signal] = await within(once(child, 'close'), timeout, `${command} ${args.join(' ')}`);
  } catch (error) {
    child.kill('SIGKILL');
    throw new Error(`${error.message}\n${out.stdout}\n${out.stderr}`);
  }
  return out;
}

/** A stream of text that can be waited on. */
export class Output {
  #text = '';
  #waiters = new Set();
  constructor(stream) {
    stream.setEncoding('utf8');
    stream.on('data', (piece) => {
      this.#text += piece;
      for (const look of this.#waiters) look();
    });
    stream.on('close', () => {
      this.closed = true;
      for (const look of this.#waiters) look();
    });
  }
  get text() {
    return this.#text;
  }
  /** The match of `pattern`, once the text has one. */
  match(pattern, ms = 60_000) {
    let look;
    const found = new Promise((resolve, reject) => {
      look = () => {
        const match = pattern.exec(this.#text);
        if (match) resolve(match);
        else if (this.closed) reject(new Error(`ended without ${pattern}: ${this.#text}`));
      };
      this.#waiters.add(look);
      look();
    });
    return within(found, ms, `${pattern} in: ${this.#text.slice(-2000)}`).finally(() => this.#waiters.delete(look));
  }
}

/** Things that happen, in order, to be waited for. */
export class Log {
  items = [];
  #waiters = new Set();
  add(item) {
    this.items.push(item);
    for (const look of this.#waiters) look();
  }
  /** The first item from `from` on that `wanted` accepts. */
  find(wanted, { ms = 30_000, what = wanted.toString(), from = 0 } = {}) {
    let look;
    const found = new Promise((resolve) => {
      look = () => {
        const item = this.items.slice(from).find(wanted);
        if (item !== undefined) resolve(item);
      };
      this.#waiters.add(look);
      look();
    });
    return within(found, ms, what).finally(() => this.#waiters.delete(look));
  }
}

/** Waits until the process `pid` is gone. */
export async function gone(pid, ms = 10_000) {
  const end = Date.now() + ms;
  for (;;) {
    try {
      process.kill(pid, 0);
    } catch {
      return;
    }
    if (Date.now() > end) throw new Error(`process ${pid} is still there`);
    // The kernel tells nobody but the parent; asking again is all there is.
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** What a test must undo, last first; everything is undone even when some of it complains. */
export class Cleanup {
  #steps = [];
  /** Remembers what to do, and gives `thing` back. */
  add(thing, undo) {
    this.#steps.push(() => undo(thing));
    return thing;
  }
  async run() {
    const errors = [];
    for (const step of this.#steps.splice(0).reverse()) {
      try {
        await within(Promise.resolve(step()), 60_000, 'cleaning up');
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length > 0) throw errors[0];
  }
}
