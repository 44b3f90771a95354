// kill -9 of the server at each point of a governed call. Nothing that was acknowledged is lost, nothing
// runs twice, and what may have run is called unknown and not run again by itself.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Cleanup, HttpUpstream, Preloop, StdioUpstream, call, connect, held, text, textOf } from './support/all.mjs';

describe('kill -9', () => {
  let server;
  let upstream;
  let key;
  const cleanup = new Cleanup();
  after(() => cleanup.run());

  before(async () => {
    server = cleanup.add(await Preloop.start(), (one) => one.dispose());
    upstream = cleanup.add(await HttpUpstream.start(), (one) => one.close());
    await server.addServer(upstream.config('up'));
    await server.applyPolicy('version: 2\nrules:\n  - {tool: work, when: "has(args.free)", action: allow}\n  - {tool: work, action: require_approval}\n');
    key = await server.agentKey();
  });

  // Closed at the end: a client that waits for an answer keeps its process alive.
  const connected = async () => cleanup.add(await connect(server, key), (one) => one.close());
  const quietly = (result) => result.catch(() => {});

  /** Tools are there again some moments after a start. */
  async function ready() {
    const { body } = await server.rest.call('GET', '/mcp-servers');
    const events = await server.rest.events();
    await server.serverReady(body.items[0].id, events);
    events.close();
  }
  async function restart() {
    await server.restart();
    await ready();
  }

  /** The record as it is now: whole, and every chain of a killed server explained. */
  async function intact() {
    const { records, verified } = await server.audit();
    assert.equal(verified.code, 0, verified.stdout + verified.stderr);
    return records;
  }
  const kinds = (records, approval) => records.filter((one) => one.approval === approval).map((one) => one.kind);

  test('when the request was created: it is pending, and can be approved and used once', async () => {
    const args = { n: 1 };
    const client = await connected();
    const waiting = await held(server, client, 'up__work', args);
    quietly(waiting.result);
    await restart();
    const after = await server.approval(waiting.approval.id);
    assert.equal(after.status, 'pending');
    assert.equal(after.expires_at, waiting.approval.expires_at);
    assert.deepEqual(after.arguments, args);
    assert.equal(upstream.count(args), 0);
    const again = await connected();
    const attached = await held(server, again, 'up__work', args);
    assert.equal(attached.approval.id, waiting.approval.id);
    await server.approve(waiting.approval.id);
    assert.match(textOf(await attached.result), /^did/);
    assert.equal(upstream.count(args), 1);
    const records = await intact();
    assert.equal(kinds(records, waiting.approval.id).filter((kind) => kind === 'approval.created').length, 1);
  });

  test('right after the decision: an acknowledged approval stands, and is used once', async () => {
    const args = { n: 2 };
    const client = await connected();
    const waiting = await held(server, client, 'up__work', args);
    await client.close();
    await assert.rejects(waiting.result);
    const { body } = await server.approve(waiting.approval.id, { body: { comment: 'before the crash' } });
    assert.equal(body.status, 'approved');
    await restart();
    const after = await server.approval(waiting.approval.id);
    assert.equal(after.status, 'approved');
    assert.equal(after.votes[0].comment, 'before the crash');
    assert.equal(upstream.count(args), 0, 'nothing runs by itself');
    const again = await connected();
    assert.match(textOf(await call(again, 'up__work', args)), /^did/);
    assert.equal(upstream.count(args), 1);
    assert.equal((await server.approval(waiting.approval.id)).status, 'succeeded');
    await intact();
  });

  test('right after a decline: it stays declined', async () => {
    const args = { n: 3 };
    const client = await connected();
    const waiting = await held(server, client, 'up__work', args);
    quietly(waiting.result);
    await server.decline(waiting.approval.id, 'never');
    await restart();
    assert.equal((await server.approval(waiting.approval.id)).status, 'declined');
    assert.equal(upstream.count(args), 0);
    await intact();
  });

  test('between dispatch and the upstream: the request is read by nobody, the outcome is unknown', async () => {
    // The upstream takes the connection and does not look at it: for the server the call has left.
    const args = { n: 4 };
    const client = await connected();
    const waiting = await held(server, client, 'up__work', args);
    quietly(waiting.result);
    const reached = new Promise((resolve) => {
      upstream.before = (request, response, message) => {
        if (message?.method !== 'tools/call') return false;
        resolve(response);
        return true;
      };
    });
    await server.approve(waiting.approval.id);
    const response = await reached;
    await server.kill();
    response.destroy();
    upstream.before = () => false;
    await server.serve();
    await ready();
    assert.equal((await server.approval(waiting.approval.id)).status, 'unknown');
    assert.equal(upstream.count(args), 0);
    await refusedUntilReleased(waiting.approval.id, args, 0);
  });

  test('while the upstream works: unknown, not run again, until a person releases it', async () => {
    const args = { n: 5 };
    upstream.onCall = () => {};
    const client = await connected();
    const waiting = await held(server, client, 'up__work', args);
    quietly(waiting.result);
    await server.approve(waiting.approval.id);
    await upstream.calls.find((one) => one.args.n === 5);
    assert.equal((await server.approval(waiting.approval.id)).status, 'executing');
    await server.kill();
    upstream.onCall = (one) => one.answer(text(`did ${JSON.stringify(one.args)}`));
    await server.serve();
    await ready();
    assert.equal((await server.approval(waiting.approval.id)).status, 'unknown');
    await refusedUntilReleased(waiting.approval.id, args, 1);
  });

  async function refusedUntilReleased(id, args, executed) {
    const client = await connected();
    const refused = await call(client, 'up__work', args);
    assert.equal(refused.isError, true);
    assert.match(textOf(refused), /unknown|lost/i);
    assert.match(textOf(refused), /releases? it/);
    assert.equal(upstream.count(args), executed);
    await server.approve(id, { expect: 409 });
    await server.restart();
    await ready();
    assert.equal((await server.approval(id)).status, 'unknown', 'also after another restart');
    await server.ok(['approvals', 'release', id, '--comment', 'I looked: it did not happen'], { key: server.operator });
    const again = await connected();
    const asked = await held(server, again, 'up__work', args);
    assert.notEqual(asked.approval.id, id);
    await server.approve(asked.approval.id);
    assert.match(textOf(await asked.result), /^did/);
    assert.equal(upstream.count(args), executed + 1);
    const records = await intact();
    assert.ok(kinds(records, id).includes('call.unknown'), `the record says how the lost call ended: ${kinds(records, id)}`);
    assert.ok(kinds(records, id).includes('call.released'));
    await again.close();
  }

  test('when the result is stored and nobody got it: the retry gets it, nothing runs again', async () => {
    const args = { n: 6 };
    let finish;
    upstream.onCall = (one) => (finish = () => one.answer(text('stored before the crash')));
    const client = await connected();
    const waiting = await held(server, client, 'up__work', args);
    await server.approve(waiting.approval.id);
    await upstream.calls.find((one) => one.args.n === 6);
    const events = await server.rest.events();
    await client.close();
    await assert.rejects(waiting.result);
    finish();
    for (let seen = 0; (await server.approval(waiting.approval.id)).status !== 'succeeded'; seen = events.items.length) {
      await events.find((one) => one.ref === waiting.approval.id, { from: seen });
    }
    events.close();
    upstream.onCall = (one) => one.answer(text(`did ${JSON.stringify(one.args)}`));
    await restart();
    const again = await connected();
    assert.equal(textOf(await call(again, 'up__work', args)), 'stored before the crash');
    assert.equal(upstream.count(args), 1);
    await intact();
  });

  test('right after the answer: it is in the record', async () => {
    const args = { n: 7 };
    const client = await connected();
    const waiting = await held(server, client, 'up__work', args);
    await server.approve(waiting.approval.id);
    assert.match(textOf(await waiting.result), /^did/);
    await restart();
    assert.equal((await server.approval(waiting.approval.id)).status, 'succeeded');
    const records = await intact();
    assert.deepEqual(
      kinds(records, waiting.approval.id).filter((kind) => /created|approved|dispatched|completed/.test(kind)),
      ['approval.created', 'approval.approved', 'call.dispatched', 'call.completed'],
    );
  });

  test('an allowed call that was answered is in the record; one under way is unknown', async () => {
    const client = await connected();
    assert.match(textOf(await call(client, 'up__work', { free: 1 })), /^did/);
    upstream.onCall = () => {};
    quietly(call(client, 'up__work', { free: 2 }));
    await upstream.calls.find((one) => one.args.free === 2);
    await server.kill();
    upstream.onCall = (one) => one.answer(text(`did ${JSON.stringify(one.args)}`));
    await server.serve();
    await ready();
    const records = await intact();
    const ends = records.filter((one) => ['call.completed', 'call.unknown'].includes(one.kind) && !one.approval);
    assert.deepEqual(ends.map((one) => one.kind), ['call.completed', 'call.unknown']);
    assert.equal(upstream.count({ free: 2 }), 1);
    for (const one of ends) {
      const decided = records.findIndex((before) => before.kind === 'call.decided' && before.call === one.call);
      assert.ok(decided >= 0 && decided < records.indexOf(one), 'decided before it ended');
    }
  });

  test('under load: what was answered is in the record, and nothing ran twice', async () => {
    const clients = await Promise.all([1, 2, 3, 4].map(connected));
    const answered = new Set();
    let stop = false;
    let wake;
    const enough = new Promise((resolve) => (wake = resolve));
    const load = clients.map(async (client, which) => {
      for (let i = 0; !stop; ++i) {
        const args = { free: `${which}-${i}` };
        try {
          const result = await call(client, 'up__work', args);
          if (!result.isError) answered.add(args.free);
        } catch {
          return;
        }
        if (answered.size >= 200) wake();
      }
    });
    await enough;
    await server.kill();
    stop = true;
    await Promise.all(load);
    await server.serve();
    await ready();
    const records = await intact();
    const ended = records.filter((one) => ['call.completed', 'call.unknown'].includes(one.kind)).map((one) => one.call);
    assert.equal(new Set(ended).size, ended.length, 'no call ends twice');
    const lost = records.filter((one) => one.kind === 'call.decided' && one.decision.action === 'allow' && !ended.includes(one.call));
    assert.deepEqual(lost, [], 'every allowed call has an end');
    const seen = upstream.calls.items.map((one) => one.args.free).filter((one) => String(one).includes('-'));
    assert.equal(new Set(seen).size, seen.length, 'nothing ran twice');
    const succeeded = records.filter((one) => one.kind === 'call.completed').length;
    assert.ok(succeeded >= answered.size, `${succeeded} in the record, ${answered.size} answered`);
  });

  test('keys, policy and servers that were acknowledged are there', async () => {
    const { key: fresh } = await server.createKey('agent', 'fresh');
    const { body } = await server.applyPolicy('version: 2\nrules:\n  - {tool: work, action: deny, message: "After the crash."}\n');
    await restart();
    const client = cleanup.add(await connect(server, fresh), (one) => one.close());
    assert.match(textOf(await call(client, 'up__work', {})), /After the crash/);
    assert.equal((await server.rest.call('GET', '/status')).body.policy_version, body.version);
  });
});

describe('kill -9 with a child', () => {
  test('a call in a child that dies with the server is unknown', async () => {
    const cleanup = new Cleanup();
    try {
      const server = cleanup.add(await Preloop.start(), (one) => one.dispose());
      const upstream = cleanup.add(await StdioUpstream.start({ onCall: () => {} }), (one) => one.close());
      const added = await server.addServer(upstream.config('child'));
      await server.applyPolicy('version: 2\nrules:\n  - {tool: work, action: require_approval}\n');
      const key = await server.agentKey();
      const client = cleanup.add(await connect(server, key), (one) => one.close());
      const waiting = await held(server, client, 'child__work', { n: 1 });
      waiting.result.catch(() => {});
      await server.approve(waiting.approval.id);
      await upstream.calls.find(() => true);
      const { pid } = upstream.current;
      await server.restart();
      await upstream.processes.find((one) => one.pid !== pid);
      assert.equal((await server.approval(waiting.approval.id)).status, 'unknown');
      const events = await server.rest.events();
      await server.serverReady(added.id, events);
      events.close();
      assert.equal(upstream.calls.items.length, 1);
    } finally {
      await cleanup.run();
    }
  });
});
