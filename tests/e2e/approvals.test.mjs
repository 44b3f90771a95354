// What clients and people do to a call that waits.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Cleanup, HttpUpstream, Preloop, call, connect, held, text, textOf, within } from './support/all.mjs';

const POLICY = `
version: 2
workflows:
  - {name: quick, timeout: 2}
  - {name: short, approval_valid_for: 1}
  - {name: reasons, require_reason: true}
  - {name: two, quorum: 2}
rules:
  - {tool: work, when: "has(args.quick)", action: require_approval, workflow: quick}
  - {tool: work, when: "has(args.short)", action: require_approval, workflow: short}
  - {tool: work, when: "has(args.reasons)", action: require_approval, workflow: reasons}
  - {tool: work, when: "has(args.two)", action: require_approval, workflow: two}
  - {tool: work, action: require_approval}
`;

describe('calls that wait', () => {
  let server;
  let upstream;
  let client;
  let key;
  const cleanup = new Cleanup();
  after(() => cleanup.run());

  before(async () => {
    server = cleanup.add(await Preloop.start(), (one) => one.dispose());
    upstream = cleanup.add(await HttpUpstream.start(), (one) => one.close());
    await server.addServer(upstream.config('up'));
    await server.applyPolicy(POLICY);
    key = await server.agentKey();
    client = cleanup.add(await connect(server, key), (one) => one.close());
  });

  /** A held call whose client has gone since. */
  async function abandoned(args) {
    const own = await connect(server, key);
    const events = await server.rest.events();
    const { approval, result } = await held(server, own, 'up__work', args);
    await own.close();
    await assert.rejects(result);
    events.close();
    return approval;
  }

  /** Waits until a request is in that state. */
  async function reaches(id, status, ms = 20_000) {
    const events = await server.rest.events();
    try {
      for (let seen = 0; ; ) {
        const approval = await server.approval(id);
        if (approval.status === status) return approval;
        await events.find((one) => one.ref === id, { from: seen, ms, what: `${status}; it is ${approval.status}` });
        seen = events.items.length;
      }
    } finally {
      events.close();
    }
  }

  test('a client that disconnects and retries finds its request; the call runs once', async () => {
    const args = { n: 1 };
    const first = await abandoned(args);
    assert.equal((await server.approval(first.id)).status, 'pending');
    const again = await held(server, client, 'up__work', args);
    assert.equal(again.approval.id, first.id);
    assert.equal((await server.pending()).length, 1);
    await server.approve(first.id);
    assert.match(textOf(await again.result), /^did/);
    assert.equal(upstream.count(args), 1);
  });

  test('approved while nobody waited: nothing runs, until the same call is made again, once', async () => {
    const args = { n: 2 };
    const request = await abandoned(args);
    await server.approve(request.id);
    assert.equal(upstream.count(args), 0);
    assert.equal((await server.approval(request.id)).status, 'approved');
    assert.match(textOf(await call(client, 'up__work', args)), /^did/);
    assert.equal(upstream.count(args), 1);
    const next = await held(server, client, 'up__work', args);
    assert.notEqual(next.approval.id, request.id);
    await server.decline(next.approval.id, '');
    assert.equal((await next.result).isError, true);
    assert.equal(upstream.count(args), 1);
  });

  test('two clients with the same call: one request, one execution, no question left behind', async () => {
    const other = cleanup.add(await connect(server, key), (one) => one.close());
    // Which of them is quicker, and by how much, differs from round to round.
    for (let round = 0; round < 10; ++round) {
      const args = { n: 3, round };
      const first = await held(server, client, 'up__work', args);
      const second = await held(server, other, 'up__work', args);
      assert.equal(second.approval.id, first.approval.id);
      await server.approve(first.approval.id);
      const answers = await within(Promise.all([first.result, second.result]), 30_000, 'both answers');
      assert.equal(upstream.count(args), 1);
      assert.ok(answers.some((one) => /^did/.test(textOf(one))));
      for (const one of answers) assert.match(textOf(one), /^did|An identical call was executed/);
      assert.deepEqual(await server.pending(), []);
    }
  });

  test('another agent with the same call asks for itself', async () => {
    const args = { n: 4 };
    const first = await held(server, client, 'up__work', args);
    const stranger = cleanup.add(await connect(server, await server.agentKey('stranger')), (one) => one.close());
    const second = await held(server, stranger, 'up__work', args);
    assert.notEqual(second.approval.id, first.approval.id);
    await server.approve(first.approval.id);
    assert.match(textOf(await first.result), /^did/);
    assert.equal((await server.approval(second.approval.id)).status, 'pending');
    await server.decline(second.approval.id, 'x');
    await second.result;
    assert.equal(upstream.count(args), 1);
  });

  test('arguments that changed after the approval are a new request', async () => {
    const request = await abandoned({ n: 5, to: 'Ana' });
    await server.approve(request.id);
    const changed = await held(server, client, 'up__work', { n: 5, to: 'Eve' });
    assert.notEqual(changed.approval.id, request.id);
    await server.decline(changed.approval.id, 'no');
    assert.match(textOf(await changed.result), /Declined/);
    assert.equal(upstream.count({ n: 5, to: 'Eve' }), 0);
    assert.match(textOf(await call(client, 'up__work', { to: 'Ana', n: 5.0 })), /^did/, 'the order of members is no change');
  });

  test('a decision stands: approve and decline afterwards are 409 with the state', async () => {
    const waiting = await held(server, client, 'up__work', { n: 6 });
    await server.approve(waiting.approval.id);
    await waiting.result;
    for (const verb of ['approve', 'decline']) {
      const { body } = await server.rest.call('POST', `/approval-requests/${waiting.approval.id}/${verb}`, { body: {}, expect: 409 });
      assert.match(body.detail, /succeeded|executing|approved/);
    }
    assert.equal(upstream.count({ n: 6 }), 1);
  });

  test('ten decisions at once are one', async () => {
    const waiting = await held(server, client, 'up__work', { n: 7 });
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, i) =>
        fetch(`${server.url}/api/v1/approval-requests/${waiting.approval.id}/${i % 2 ? 'approve' : 'decline'}`, {
          method: 'POST',
          headers: { Authorization: `Bearer ${server.operator}`, 'Content-Type': 'application/json' },
          body: '{}',
        }).then((one) => one.status),
      ),
    );
    assert.ok(answers.every((one) => one === 200 || one === 409), String(answers));
    const result = await waiting.result;
    const final = await server.approval(waiting.approval.id);
    assert.equal(final.votes.length, 1);
    assert.equal(upstream.count({ n: 7 }), final.votes[0].decision === 'approve' ? 1 : 0);
    assert.equal(result.isError === true, final.votes[0].decision === 'decline');
  });

  test('one that nobody decides expires, and cannot be approved afterwards', async () => {
    const waiting = await held(server, client, 'up__work', { quick: 1 });
    const result = await within(waiting.result, 20_000, 'the expiry');
    assert.equal(result.isError, true);
    assert.match(textOf(result), /Nobody approved this call in time\. Nothing was executed\./);
    assert.equal((await server.approval(waiting.approval.id)).status, 'expired');
    await server.approve(waiting.approval.id, { expect: 409 });
    assert.equal(upstream.count({ quick: 1 }), 0);
  });

  test('an approval that nobody uses in time is worth nothing', async () => {
    const request = await abandoned({ short: 1 });
    await server.approve(request.id);
    await reaches(request.id, 'expired');
    const next = await held(server, client, 'up__work', { short: 1 });
    assert.notEqual(next.approval.id, request.id);
    await server.decline(next.approval.id, '');
    await next.result;
    assert.equal(upstream.count({ short: 1 }), 0);
  });

  test('revoking the key ends the wait, and the approval comes too late', async () => {
    const { key: doomed, id } = await server.createKey('agent', 'doomed');
    const own = await connect(server, doomed);
    const waiting = await held(server, own, 'up__work', { n: 8 });
    await server.rest.call('DELETE', `/auth/api-keys/${id}`);
    await waiting.result.then(
      (result) => assert.equal(result.isError, true),
      () => {},
    );
    assert.equal((await reaches(waiting.approval.id, 'cancelled')).status, 'cancelled');
    await server.approve(waiting.approval.id, { expect: 409 });
    await assert.rejects(call(own, 'up__work', { n: 8 }));
    assert.equal(upstream.count({ n: 8 }), 0);
    await own.close();
  });

  test('a key revoked after the approval, before its use: nothing runs', async () => {
    const { key: doomed, id } = await server.createKey('agent', 'doomed2');
    const own = await connect(server, doomed);
    const waiting = await held(server, own, 'up__work', { n: 9 });
    await own.close();
    await assert.rejects(waiting.result);
    await server.approve(waiting.approval.id);
    await server.rest.call('DELETE', `/auth/api-keys/${id}`);
    await reaches(waiting.approval.id, 'cancelled');
    await assert.rejects(connect(server, doomed));
    assert.equal(upstream.count({ n: 9 }), 0);
  });

  test('suspending the agent ends the wait', async () => {
    const own = await connect(server, await server.agentKey('suspect'));
    const waiting = await held(server, own, 'up__work', { n: 10 });
    const { id, revision } = (await server.rest.call('GET', `/agents/${waiting.approval.agent_id}`)).body;
    assert.ok(revision >= 1);
    const { etag } = await server.rest.call('GET', `/agents/${id}`);
    await server.rest.call('PATCH', `/agents/${id}`, { body: { status: 'suspended' }, headers: { 'If-Match': etag } });
    await waiting.result.catch(() => {});
    await reaches(waiting.approval.id, 'cancelled');
    assert.equal(upstream.count({ n: 10 }), 0);
    await own.close().catch(() => {});
  });

  test('a policy that denies meanwhile wins over the approval', async () => {
    const request = await abandoned({ n: 11 });
    await server.approve(request.id);
    await server.applyPolicy('version: 2\nrules:\n  - {tool: work, action: deny, message: "Closed."}\n');
    const result = await call(client, 'up__work', { n: 11 });
    assert.equal(result.isError, true);
    assert.match(textOf(result), /Denied: Closed\./);
    assert.equal(upstream.count({ n: 11 }), 0);
    await server.applyPolicy(POLICY);
  });

  test('a rule that changes while the call waits is asked again at execution', async () => {
    const waiting = await held(server, client, 'up__work', { n: 12 });
    await server.applyPolicy('version: 2\nrules:\n  - {tool: work, action: deny, message: "Closed."}\n');
    await server.approve(waiting.approval.id);
    const result = await waiting.result;
    assert.equal(result.isError, true);
    assert.match(textOf(result), /Denied: Closed\./);
    assert.equal(upstream.count({ n: 12 }), 0);
    await server.applyPolicy(POLICY);
  });

  test('a reason can be demanded, and a second person', async () => {
    const reasons = await held(server, client, 'up__work', { reasons: 1 });
    const refused = await server.approve(reasons.approval.id, { expect: 400 });
    assert.match(refused.body.detail, /reason|comment/i);
    await server.approve(reasons.approval.id, { body: { comment: 'because' } });
    assert.match(textOf(await reasons.result), /^did/);

    const two = await held(server, client, 'up__work', { two: 1 });
    assert.equal((await server.approve(two.approval.id)).body.status, 'pending');
    assert.equal((await server.approve(two.approval.id)).body.status, 'pending', 'the same person twice is one');
    assert.equal(upstream.count({ two: 1 }), 0);
    const second = await server.ok(['admin', 'user', 'create', 'bo@example.com', '--role', 'approver', '--password-stdin', '--output', 'json'], {
      input: 'another long password\n',
    });
    assert.equal(JSON.parse(second).role, 'approver');
    const { key: bo } = await server.createKey('operator', 'bo', ['--scopes', 'read,decide', '--person', 'bo@example.com']);
    await server.approve(two.approval.id, { key: bo });
    assert.match(textOf(await two.result), /^did/);
    assert.equal(upstream.count({ two: 1 }), 1);
  });

  test('who may not decide cannot: a viewer, a key that only reads, the agent', async () => {
    const waiting = await held(server, client, 'up__work', { n: 13 });
    await server.ok(['admin', 'user', 'create', 'vi@example.com', '--role', 'viewer', '--password-stdin'], { input: 'another long password\n' });
    const { key: viewer } = await server.createKey('operator', 'vi', ['--scopes', 'read,decide', '--person', 'vi@example.com']);
    const { key: reader } = await server.createKey('operator', 'reader');
    for (const one of [viewer, reader, key]) await server.approve(waiting.approval.id, { key: one, expect: 403 });
    assert.equal((await server.approval(waiting.approval.id)).status, 'pending');
    await server.decline(waiting.approval.id, '');
    await waiting.result;
  });

  test('a caller that left while the approved call ran gets the result with its retry, once', async () => {
    const args = { n: 14 };
    let finish;
    upstream.onCall = (one) => (finish = () => one.answer(text('the only result')));
    const own = await connect(server, key);
    const waiting = await held(server, own, 'up__work', args);
    await server.approve(waiting.approval.id);
    await upstream.calls.find((one) => one.args.n === 14);
    await own.close();
    await assert.rejects(waiting.result);
    finish();
    await reaches(waiting.approval.id, 'succeeded');
    assert.equal(textOf(await call(client, 'up__work', args)), 'the only result');
    assert.equal(upstream.count(args), 1);
    upstream.onCall = (one) => one.answer(text(`did ${JSON.stringify(one.args)}`));
  });

  test('an idempotent decision is answered the same way twice', async () => {
    const waiting = await held(server, client, 'up__work', { n: 15 });
    const headers = { 'Idempotency-Key': 'once-only' };
    const first = await server.approve(waiting.approval.id, { headers });
    const second = await server.approve(waiting.approval.id, { headers });
    assert.deepEqual(second.body, first.body);
    await server.approve(waiting.approval.id, { headers, body: { comment: 'other' }, expect: 422 }).catch(() =>
      server.approve(waiting.approval.id, { headers, body: { comment: 'other' }, expect: 409 }),
    );
    assert.match(textOf(await waiting.result), /^did/);
  });

  test('the live stream resumes where it was left', async () => {
    const events = await server.rest.events();
    const waiting = await held(server, client, 'up__work', { n: 16 });
    const created = await events.find((one) => one.kind === 'approval.created' && one.ref === waiting.approval.id);
    events.close();
    await server.decline(waiting.approval.id, '');
    await waiting.result;
    const later = await server.rest.events({ lastEventId: created.id });
    const updated = await later.find((one) => one.kind === 'approval.updated' && one.ref === waiting.approval.id);
    assert.ok(Number(updated.id) > Number(created.id));
    later.close();
  });
});
