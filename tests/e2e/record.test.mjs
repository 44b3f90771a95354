// The record leaves the server and is verified without it; a backup is made while serving, and put
// somewhere else.
import assert from 'node:assert/strict';
import { copyFile, cp, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Cleanup, HttpUpstream, PRELOOP_BIN, Preloop, call, connect, held, run, text, textOf } from './support/all.mjs';

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

    const other = cleanup.add(await Preloop.start({ owner: false }), (one) => one.dispose());
    const onto = await other.cli(['admin', 'restore', file]);
    assert.equal(onto.code, 1);
    assert.match(onto.stderr, /is held by preloop serve/);
    await other.stop();
    other.dataDir = join(other.root, 'restored');
    other.env.PRELOOP_DATA_DIR = other.dataDir;
    // As the guide says: the keys come back first, from where they were kept.
    await mkdir(other.dataDir, { mode: 0o700 });
    await cp(join(server.dataDir, 'keys'), join(other.dataDir, 'keys'), { recursive: true });
    const report = JSON.parse(await other.ok(['admin', 'restore', file, '--output', 'json']));
    assert.equal(report.restored, true);
    assert.equal(report.calls_unknown, 1);
    assert.equal(report.requests_cancelled, 1);

    await other.serve();
    other.operator = server.operator;
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
