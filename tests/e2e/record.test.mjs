// The record leaves the server and is verified without it; a backup is made while serving, and put
// somewhere else.
import assert from 'node:assert/strict';
import { copyFile, cp, mkdir, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import {
  Cleanup,
  HttpUpstream,
  PRELOOP_BIN,
  Preloop,
  StdioUpstream,
  call,
  connect,
  held,
  run,
  text,
  textOf,
} from './support/all.mjs';

const POLICY = 'version: 2\nrules:\n  - {tool: work, when: "has(args.ask)", action: require_approval}\n  - {tool: work, when: "has(args.no)", action: deny}\n';

describe('the record', () => {
  let server;
  let upstream;
  let file;
  let lines;
  const cleanup = new Cleanup();
  after(() => cleanup.run());

  before(async () => {
    server = cleanup.add(await Preloop.start(), (one) => one.dispose());
    upstream = cleanup.add(await HttpUpstream.start(), (one) => one.close());
    await server.addServer(upstream.config('up'));
    await server.applyPolicy(POLICY);
    const client = cleanup.add(await connect(server, await server.agentKey()), (one) => one.close());
    await call(client, 'up__work', { note: 'a zebra in the arguments' });
    await call(client, 'up__work', { no: 1 });
    const waiting = await held(server, client, 'up__work', { ask: 1 });
    await server.approve(waiting.approval.id, { body: { comment: 'a giraffe in the remark' } });
    await waiting.result;
    const audit = await server.audit();
    file = audit.file;
    lines = audit.text.split('\n').filter(Boolean);
  });

  const recordOf = (line) => JSON.parse(line).record;
  const verify = (path, ...more) => run(PRELOOP_BIN, ['audit', 'verify', path, ...more], { env: { PATH: process.env.PATH, HOME: server.home } });
  async function verified(changed) {
    const path = join(server.root, 'changed.jsonl');
    await writeFile(path, changed);
    return await verify(path);
  }

  test('an export verifies without a server', async () => {
    const { code, stdout, stderr } = await verify(file, '--output', 'json');
    assert.equal(code, 0, stdout + stderr);
    const report = JSON.parse(stdout);
    assert.equal(report.verdict, 'intact');
    assert.ok(report.records >= 10);
    assert.deepEqual(report.findings, []);
  });

  test('it has the whole story in order, and no arguments in clear', () => {
    const records = lines.map(recordOf).filter((one) => /^(call|approval)\./.test(one?.kind));
    assert.deepEqual(
      records.map((one) => one.kind).filter((kind) => kind !== 'call.dispatched'),
      [
        'call.decided',
        'call.completed',
        'call.decided',
        'call.decided',
        'approval.created',
        'approval.voted',
        'approval.approved',
        'approval.consumed',
        'call.completed',
      ].filter((kind) => records.some((one) => one.kind === kind)),
    );
    assert.ok(!lines.join('').includes('zebra'));
    assert.ok(!lines.join('').includes('giraffe'));
  });

  test('payloads are exported only when asked for, and are checked', async () => {
    const path = join(server.root, 'payloads.jsonl');
    await server.ok(['audit', 'export', path, '--payloads'], { key: server.operator });
    assert.ok((await readFile(path, 'utf8')).includes('zebra'));
    const { code, stdout } = await verify(path, '--output', 'json');
    assert.equal(code, 0, stdout);
    assert.ok(JSON.parse(stdout).payloads_checked > 0);
    await writeFile(path, (await readFile(path, 'utf8')).replace('zebra', 'zebrb'));
    assert.equal((await verify(path)).code, 1);
  });

  test('one changed byte anywhere in a record is found: exit 1', async () => {
    const whole = lines.join('\n') + '\n';
    const which = lines.findIndex((line) => recordOf(line)?.kind === 'call.decided');
    const line = lines[which];
    for (const at of [line.indexOf('"tool"') + 9, line.indexOf('"at"') + 8, line.indexOf('"seq"') + 6]) {
      const byte = line[at] === '1' ? '2' : '1';
      const changed = [...lines];
      changed[which] = line.slice(0, at) + byte + line.slice(at + 1);
      const { code, stdout } = await verified(changed.join('\n') + '\n');
      assert.equal(code, 1, `${at}: ${stdout}`);
    }
    assert.equal((await verified(whole)).code, 0);
  });

  test('a removed, a repeated and an exchanged line are found: exit 1', async () => {
    const from = lines.findIndex((line) => recordOf(line)?.kind === 'call.decided');
    const without = lines.toSpliced(from, 1);
    const twice = lines.toSpliced(from, 0, lines[from]);
    const exchanged = lines.toSpliced(from, 2, lines[from + 1], lines[from]);
    for (const changed of [without, twice, exchanged]) assert.equal((await verified(changed.join('\n') + '\n')).code, 1);
  });

  test('an export that was cut is incomplete: exit 3', async () => {
    const whole = lines.join('\n') + '\n';
    assert.equal((await verified(lines.slice(0, -3).join('\n') + '\n')).code, 3);
    assert.equal((await verified(whole.slice(0, -40))).code, 3);
  });

  test('what is no export is refused', async () => {
    assert.equal((await verify(join(server.root, 'not there'))).code, 2);
    assert.notEqual((await verified('hello\n')).code, 0);
    assert.notEqual((await verified('')).code, 0);
  });

  test('a key known by other means is believed, another is not', async () => {
    const { keys } = JSON.parse((await verify(file, '--output', 'json')).stdout);
    assert.equal((await verify(file, '--trusted-key', keys[0])).code, 0);
    assert.notEqual((await verify(file, '--trusted-key', 'ab'.repeat(32))).code, 0);
  });

  test('the story of one call, over REST', async () => {
    const { body } = await server.rest.call('GET', '/audit?kind=call.completed&limit=1');
    const story = await server.rest.call('GET', `/audit/calls/${body.items[0].call}`);
    assert.ok(story.body.items.length >= 2);
    assert.ok(story.body.payloads.some((one) => one.kind === 'args'));
  });
});

describe('backup and restore', () => {
  let server;
  let upstream;
  const cleanup = new Cleanup();
  after(() => cleanup.run());

  before(async () => {
    server = cleanup.add(await Preloop.start(), (one) => one.dispose());
    upstream = cleanup.add(await HttpUpstream.start(), (one) => one.close());
    await server.addServer(upstream.config('up'));
    await server.applyPolicy(POLICY);
  });

  test('while serving; into an empty data dir; pending requests are cancelled, what ran is unknown', async () => {
    const key = await server.agentKey();
    const client = cleanup.add(await connect(server, key), (one) => one.close());
    await server.rest.call('PUT', '/secrets/token', { body: { value: 'hidden 4711' } });
    await call(client, 'up__work', { n: 1 });
    const waiting = await held(server, client, 'up__work', { ask: 1 });
    upstream.onCall = () => {};
    const running = await held(server, client, 'up__work', { ask: 2 });
    await server.approve(running.approval.id);
    await upstream.calls.find((one) => one.args.ask === 2);

    const folder = join(server.root, 'backups');
    await mkdir(folder);
    const file = join(folder, 'preloop.backup');
    const { code, stdout, stderr } = await server.cli(['admin', 'backup', file, '--output', 'json']);
    assert.equal(code, 0, stdout + stderr);
    assert.match(stderr, /It does not hold keys\/master\.key/);
    assert.equal((await stat(file)).mode & 0o777, 0o600);
    assert.ok(!(await readFile(file)).includes('hidden 4711'));
    assert.match(textOf(await call(client, 'up__work', { no: 1 })), /Denied/, 'it serves all the while');

    const again = await server.cli(['admin', 'backup', file]);
    assert.equal(again.code, 1, 'an existing file is not overwritten');

    const console = await server.signIn();
    assert.equal((await server.rest.call('GET', '/auth/me', { key: null, headers: console })).status, 200);
    const unused = JSON.parse(await server.ok(['admin', 'user', 'reset', Preloop.OWNER, '--output', 'json'])).url;
    await rm(file);
    await server.ok(['admin', 'backup', file]);

    const other = cleanup.add(await Preloop.start({ owner: false }), (one) => one.dispose());
    const onto = await other.cli(['admin', 'restore', file]);
    assert.equal(onto.code, 1);
    assert.match(onto.stderr, /is held by preloop serve/);
    await other.stop();
    other.dataDir = join(other.root, 'restored');
    other.env.PRELOOP_DATA_DIR = other.dataDir;
    // Without the keys nothing is restored, and nothing is left behind.
    await mkdir(other.dataDir, { mode: 0o700 });
    const keyless = await other.cli(['admin', 'restore', file]);
    assert.equal(keyless.code, 1);
    assert.match(keyless.stderr, /needs the master key .* put master\.key/);
    assert.deepEqual(await readdir(other.dataDir), ['lock']);
    // Nor with the keys of another server.
    await cp(join(other.root, 'data', 'keys'), join(other.dataDir, 'keys'), { recursive: true });
    const foreign = await other.cli(['admin', 'restore', file]);
    assert.equal(foreign.code, 1);
    assert.match(foreign.stderr, /not the master key that this database was written with/);
    assert.deepEqual((await readdir(other.dataDir)).sort(), ['keys', 'lock']);
    await rm(join(other.dataDir, 'keys'), { recursive: true });
    // As the guide says: the keys come back first, from where they were kept.
    await cp(join(server.dataDir, 'keys'), join(other.dataDir, 'keys'), { recursive: true });
    const report = JSON.parse(await other.ok(['admin', 'restore', file, '--output', 'json']));
    assert.equal(report.restored, true);
    assert.equal(report.calls_unknown, 1);
    assert.equal(report.requests_cancelled, 1);

    await other.serve();
    other.operator = server.operator;
    // Whoever was signed in then may have been signed out since, and a link been used.
    await other.rest.call('GET', '/auth/me', { key: null, headers: { ...console, Origin: other.url }, expect: 401 });
    const token = new URL(unused).hash.replace('#token=', '');
    await other.rest.call('POST', '/auth/link', { key: null, body: { token }, expect: 404 });
    assert.equal((await other.approval(waiting.approval.id)).status, 'cancelled');
    assert.equal((await other.approval(running.approval.id)).status, 'unknown');
    const restored = cleanup.add(await connect(other, key), (one) => one.close());
    assert.match(textOf(await call(restored, 'up__work', { no: 1 })), /Denied/);
    const { records, verified } = await other.audit();
    assert.equal(verified.code, 0, verified.stdout);
    for (const kind of ['backup.created', 'restore.completed']) assert.ok(records.some((one) => one.kind === kind), kind);

    upstream.calls.items.find((one) => one.args.ask === 2).answer(text('late'));
    assert.equal(textOf(await running.result), 'late');
    await server.decline(waiting.approval.id, '');
    await waiting.result;
  });

  test('with the keys in it, under a passphrase', async () => {
    const file = join(server.root, 'backups', 'whole.backup');
    const passphrase = 'an apple a day, twice';
    const short = await server.cli(['admin', 'backup', file, '--with-keys', '--passphrase-stdin'], { input: 'short\n' });
    assert.equal(short.code, 1);
    assert.match(short.stderr, /at least 12 characters/);
    const made = await server.cli(['admin', 'backup', file, '--with-keys', '--passphrase-stdin'], { input: `${passphrase}\n` });
    assert.equal(made.code, 0, made.stderr);
    assert.match(made.stderr, /It holds keys\/master\.key and keys\/audit\.key too/);
    const masterKey = await readFile(join(server.dataDir, 'keys', 'master.key'));
    assert.ok(!(await readFile(file)).includes(masterKey));

    const other = cleanup.add(await Preloop.start({ owner: false }), (one) => one.dispose());
    await other.stop();
    const restore = (input) => other.cli(['admin', 'restore', file, '--replace', '--passphrase-stdin', '--output', 'json'], { input });
    const wrong = await restore('an apple a day, once');
    assert.equal(wrong.code, 1);
    assert.match(wrong.stderr, /passphrase does not open/);
    await other.serve();
    await other.stop();
    const right = await restore(passphrase);
    assert.equal(right.code, 0, right.stderr);
    assert.equal(JSON.parse(right.stdout).keys, 'from the backup');
    assert.ok((await readFile(join(other.dataDir, 'keys', 'master.key'))).equals(masterKey));
    assert.equal((await stat(join(other.dataDir, 'keys', 'master.key'))).mode & 0o777, 0o600);
    await stat(join(other.dataDir, 'keys', 'master.key.before-restore'));
    await other.serve();
    other.operator = server.operator;
    assert.equal((await other.rest.call('GET', '/secrets')).body.items[0].name, 'token');
    // Opened with that key: an upstream gets the secret.
    const upstream = cleanup.add(await StdioUpstream.start(), (one) => one.close());
    const config = upstream.config('with-token');
    await other.addServer({ ...config, env: { ...config.env, TOKEN: 'secret:token' } });
    assert.equal(upstream.current.environment.TOKEN, 'hidden 4711');
  });

  test('a new master key: secrets stay readable, and it is recorded', async () => {
    const path = join(server.dataDir, 'keys', 'master.key');
    const before = await readFile(path);
    const rotated = JSON.parse(await server.ok(['admin', 'rotate-master-key', '--output', 'json']));
    assert.equal(rotated.version, 2);
    assert.ok(!(await readFile(path)).equals(before));
    await server.restart();
    const upstream = cleanup.add(await StdioUpstream.start(), (one) => one.close());
    const config = upstream.config('after-rotation');
    await server.addServer({ ...config, env: { ...config.env, TOKEN: 'secret:token' } });
    assert.equal(upstream.current.environment.TOKEN, 'hidden 4711');
    const { records } = await server.audit();
    assert.ok(records.some((one) => one.kind === 'key.rotated'));
  });

  test('over a stopped server’s data only when told so', async () => {
    const file = join(server.root, 'backups', 'second.backup');
    await server.ok(['admin', 'backup', file]);
    const copy = join(server.root, 'copy.backup');
    await copyFile(file, copy);
    await server.stop();
    assert.equal((await server.cli(['admin', 'restore', copy])).code, 1);
    await server.ok(['admin', 'restore', copy, '--replace']);
    await server.serve();
    assert.equal((await server.rest.call('GET', '/status')).body.database.writable, true);
  });
});
