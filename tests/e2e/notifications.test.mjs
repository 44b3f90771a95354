// Messages about requests, on real wires: signed webhooks, e-mail with decision links, ntfy.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import smtpTester from 'smtp-tester';
import { Webhook } from 'standardwebhooks';
import { Cleanup, HttpUpstream, Preloop, Log, connect, freePort, held, run, textOf, within } from './support/all.mjs';
import { Receiver, StrictMail } from './support/receivers.mjs';

const POLICY = `
version: 2
workflows:
  - {name: reasons, require_reason: true}
  - {name: two, quorum: 2}
rules:
  - {tool: work, when: "has(args.reasons)", action: require_approval, workflow: reasons}
  - {tool: work, when: "has(args.two)", action: require_approval, workflow: two}
  - {tool: work, action: require_approval, message: "Work needs a person"}
`;

async function world(cleanup, options = {}) {
  const server = cleanup.add(await Preloop.start(options), (one) => one.dispose());
  const upstream = cleanup.add(await HttpUpstream.start(), (one) => one.close());
  await server.addServer(upstream.config('up'));
  await server.applyPolicy(POLICY);
  const key = await server.agentKey();
  const client = cleanup.add(await connect(server, key), (one) => one.close());
  return { server, client, key };
}

async function channel(server, body) {
  return (await server.rest.call('POST', '/notification-channels', { body, expect: 201 })).body;
}

/** The deliveries of a request, once `done` is content with them. */
async function deliveries(server, approval, done) {
  const deadline = AbortSignal.timeout(30_000);
  for (;;) {
    const { body } = await server.rest.call('GET', `/notification-deliveries?approval=${approval}`);
    if (done(body.items)) return body.items;
    deadline.throwIfAborted();
    await new Promise((next) => setImmediate(next));
  }
}

/** The token in a link of a message. */
function tokenOf(text) {
  const found = /#link=([A-Za-z0-9_-]{43})/.exec(text);
  assert.ok(found, `no decision link in ${text.slice(0, 500)}`);
  return found[1];
}

/** A decision as the page or a button sends it: without any credential. */
function decide(server, token, decision, { comment, expect } = {}) {
  return server.rest.call('POST', '/notification-links/decide', { body: { token, decision, ...(comment ? { comment } : {}) }, key: null, expect });
}

describe('webhooks', () => {
  const cleanup = new Cleanup();
  let server, client, receiver, secret;
  before(async () => {
    ({ server, client } = await world(cleanup));
    receiver = cleanup.add(await Receiver.start(), (one) => one.close());
    const made = await channel(server, { kind: 'webhook', name: 'ops', settings: { url: `${receiver.url}/hook` } });
    secret = made.secret;
  });
  after(() => cleanup.run());

  const of = (approval, type) => (one) => one.json.type === type && one.json.data.id === approval.id && one.status === 200;

  test('created and decided arrive once each, signed as Standard Webhooks says', async () => {
    const { approval, result } = await held(server, client, 'up__work', { amount: 5 });
    const created = await receiver.log.find(of(approval, 'approval.created'));
    await server.approve(approval.id);
    assert.match(textOf(await result), /./);
    const decided = await receiver.log.find(of(approval, 'approval.decided'));
    const verifier = new Webhook(secret);
    for (const one of [created, decided]) assert.deepEqual(verifier.verify(one.body, one.headers), one.json);
    assert.throws(() => verifier.verify(created.body.replace('"amount":5', '"amount":6'), created.headers));
    assert.deepEqual(created.json.data.arguments, { amount: 5 });
    assert.match(decided.json.data.outcome, /^approved by ana@example\.com$/);
    const items = await deliveries(server, approval.id, (all) => all.length === 2 && all.every((one) => one.state === 'sent'));
    assert.deepEqual(new Set(items.map((one) => one.id)), new Set([created, decided].map((one) => one.headers['webhook-id'])));
    assert.equal(receiver.log.items.filter((one) => one.json.data.id === approval.id).length, 2);
    const { records } = await server.audit();
    assert.equal(records.filter((one) => one.kind === 'notification.sent' && one.approval === approval.id).length, 2);
  });

  test('a receiver in trouble is tried again, one that refuses is not', async () => {
    let failures = 2;
    receiver.answer = () => (failures-- > 0 ? 503 : 200);
    const first = await held(server, client, 'up__work', { amount: 6 });
    await receiver.log.find(of(first.approval, 'approval.created'), { ms: 30_000 });
    const [retried] = await deliveries(server, first.approval.id, (all) => all[0]?.state === 'sent');
    assert.equal(retried.attempts, 3);
    receiver.answer = () => 410;
    const second = await held(server, client, 'up__work', { amount: 7 });
    const [refused] = await deliveries(server, second.approval.id, (all) => all[0]?.state === 'failed');
    assert.deepEqual([refused.attempts, refused.error], [1, 'the other side answered 410']);
    receiver.answer = () => 200;
    const { records } = await server.audit();
    assert.ok(records.some((one) => one.kind === 'notification.failed' && one.approval === second.approval.id));
    for (const one of [first, second]) {
      await server.decline(one.approval.id, 'enough');
      await one.result;
    }
  });

  test('nothing is lost over kill -9 while the receiver is away', async () => {
    receiver.answer = () => 503;
    const { approval, result } = await held(server, client, 'up__work', { amount: 8 });
    await receiver.log.find((one) => one.json.data.id === approval.id);
    await server.kill();
    await assert.rejects(result);
    receiver.answer = () => 200;
    await server.serve();
    const created = await receiver.log.find(of(approval, 'approval.created'), { ms: 30_000 });
    await server.decline(approval.id, 'no');
    await receiver.log.find(of(approval, 'approval.decided'));
    await deliveries(server, approval.id, (all) => all.length === 2 && all.every((one) => one.state === 'sent'));
    // However often it was tried, it is one message: the receiver can tell by its id.
    const ids = receiver.log.items.filter((one) => one.json.type === 'approval.created' && one.json.data.id === approval.id).map((one) => one.headers['webhook-id']);
    assert.deepEqual([...new Set(ids)], [created.headers['webhook-id']]);
    assert.equal(receiver.log.items.filter(of(approval, 'approval.created')).length, 1);
  });

  test('a test message; the secret is shown once', async () => {
    const { items } = (await server.rest.call('GET', '/notification-channels')).body;
    assert.deepEqual([items.length, items[0].has_secret], [1, true]);
    assert.ok(!JSON.stringify(items).includes(secret));
    await server.rest.call('POST', `/notification-channels/${items[0].id}/test`);
    const sent = await receiver.log.find((one) => one.json.type === 'webhook.test');
    new Webhook(secret).verify(sent.body, sent.headers);
  });
});

describe('e-mail', () => {
  const cleanup = new Cleanup();
  let server, client, key, mail, port;
  const letters = new Log();
  before(async () => {
    ({ server, client, key } = await world(cleanup));
    port = await freePort();
    mail = cleanup.add(smtpTester.init(port), (one) => new Promise((stopped) => one.stop(stopped)));
    mail.bind((address, id, email) => letters.add({ ...email, to: Object.keys(email.receivers)[0] }));
    await channel(server, { kind: 'email', settings: { host: '127.0.0.1', port, security: 'none', from: 'Preloop ü <preloop@example.com>' } });
  });
  after(() => cleanup.run());

  /** The letter to that address with this subject. */
  const letter = (subject, to = 'ana@example.com') => letters.find((one) => one.to === to && subject.test(one.headers.subject), { what: `a letter ${subject}` });

  test('the person who is asked decides by a link of their own, once', async () => {
    const { approval, result } = await held(server, client, 'up__work', { amount: 5000, note: '<b>"x"</b>\r\nBcc: eve@example.com \u202eabc' });
    const email = await letter(/^Approve\? work: amount 5000$/);
    assert.equal(email.headers['auto-submitted'], 'auto-generated');
    assert.ok(!('bcc' in email.headers));
    assert.ok(email.html.includes('&lt;b&gt;') && !email.html.includes('<b>"x"'));
    assert.ok(!email.html.includes('\u202e') && !email.body.includes('\u202e'));
    const token = tokenOf(email.body);
    assert.equal(tokenOf(email.html), token);

    // What opens links, as mail scanners do, decides nothing.
    for (const [address] of email.body.matchAll(/https?:\S+/g)) {
      for (const method of ['GET', 'HEAD']) assert.ok((await fetch(address, { method })).status < 400);
    }
    assert.equal((await fetch(`${server.url}/api/v1/notification-links/decide?token=${token}&decision=approve`)).status, 405);
    const shown = await server.rest.call('POST', '/notification-links/show', { body: { token }, key: null });
    assert.deepEqual([shown.body.person, shown.body.used, shown.body.approval.status], ['ana@example.com', false, 'pending']);

    // An agent's key opens nothing here, not even with the token.
    await server.rest.call('POST', '/notification-links/decide', { body: { token, decision: 'approve' }, key, expect: 403 });

    // Pressed ten times at once it is one vote.
    const pressed = await Promise.all(Array.from({ length: 10 }, () => fetch(`${server.url}/api/v1/notification-links/decide`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ token, decision: 'approve' }),
    }).then((one) => one.status)));
    assert.deepEqual(pressed.toSorted(), [200, ...Array(9).fill(409)]);
    await result;
    const { votes, status } = await server.approval(approval.id);
    assert.equal(status, 'succeeded');
    assert.deepEqual(votes.map((one) => [one.person, one.decision, one.channel]), [['ana@example.com', 'approve', 'email']]);
    await decide(server, token, 'decline', { expect: 409 });
    const { records, verified } = await server.audit();
    assert.equal(verified.code, 0, verified.stdout + verified.stderr);
    const refused = records.filter((one) => one.kind === 'approval.refused' && one.approval === approval.id);
    assert.equal(refused.length, 10);
    assert.ok(!JSON.stringify(records).includes(token));
  });

  test('a link decides its own request as its own person, and nothing that is not a link does', async () => {
    const { approval, result } = await held(server, client, 'up__work', { reasons: true });
    const token = tokenOf((await letter(/reasons/)).body);
    for (const forged of [token.slice(0, -1) + (token.endsWith('A') ? 'E' : 'A'), '', 'x'.repeat(43), approval.id]) {
      await decide(server, forged, 'approve', { expect: 404 });
    }
    // A reason is missing: said, and the link still works.
    await decide(server, token, 'decline', { expect: 400 });
    const { body } = await decide(server, token, 'decline', { comment: 'not today' });
    assert.deepEqual([body.id, body.status, body.votes[0].comment], [approval.id, 'declined', 'not today']);
    assert.match(textOf(await result), /declined/i);
  });

  test('a suspended person’s link decides nothing and shows nothing', async () => {
    await server.rest.call('POST', '/users', { body: { email: 'bo@example.com', role: 'approver' }, expect: 201 });
    const { approval, result } = await held(server, client, 'up__work', { amount: 1 });
    const token = tokenOf((await letter(/amount 1$/, 'bo@example.com')).body);
    const { id, revision } = (await server.rest.call('GET', '/users')).body.items.find((one) => one.email === 'bo@example.com');
    await server.rest.call('PATCH', `/users/${id}`, { body: { status: 'suspended' }, headers: { 'If-Match': `"${revision}"` } });
    await decide(server, token, 'approve', { expect: 403 });
    await server.rest.call('POST', '/notification-links/show', { body: { token }, key: null, expect: 403 });
    assert.equal((await server.approval(approval.id)).status, 'pending');
    await server.decline(approval.id, 'no');
    await result;
  });

  test('decided elsewhere before the letter was due: no letter', async () => {
    const headers = await server.signIn();
    const receiver = cleanup.add(await Receiver.start(), (one) => one.close());
    await channel(server, { kind: 'ntfy', settings: { url: receiver.url } });
    const { body: device } = await server.rest.call('POST', '/devices', { body: { kind: 'ntfy', name: 'Phone' }, key: null, headers, expect: 201 });
    assert.match(device.address, /^preloop-[A-Za-z0-9_-]{24}$/);
    const { approval, result } = await held(server, client, 'up__work', { amount: 12 });
    const { json } = await receiver.log.find((one) => one.json.topic === device.address);
    assert.deepEqual([json.title, json.message], ['work: amount 12', 'agent asks. Work needs a person']);
    assert.deepEqual(json.actions.map((one) => one.label), ['Approve', 'Decline', 'Details']);
    // The button, pressed as the ntfy app presses it.
    const [press] = json.actions;
    const pressed = await fetch(press.url, { method: press.method, headers: press.headers, body: press.body });
    assert.equal(pressed.status, 200);
    await result;
    assert.equal((await server.approval(approval.id)).votes[0].channel, 'ntfy');
    // The same message, without buttons that would do nothing.
    const updated = await receiver.log.find((one) => one.json.sequence_id === json.sequence_id && !one.json.actions.some((action) => action.action === 'http'));
    assert.match(updated.json.message, /^approved by ana@example\.com$/);
    assert.equal(receiver.log.items.filter((one) => one.json.topic === device.address).every((one) => one.json.sequence_id === json.sequence_id), true);
    const waiting = await deliveries(server, approval.id, (all) => all.length >= 2);
    assert.deepEqual(waiting.filter((one) => one.kind === 'email').map((one) => [one.state, one.attempts]), [['waiting', 0]]);
  });

  test('when the phone cannot be reached, the letter comes at once', async () => {
    const headers = await server.signIn();
    const { items } = (await server.rest.call('GET', '/notification-channels')).body;
    const ntfy = items.find((one) => one.kind === 'ntfy');
    const receiver = cleanup.add(await Receiver.start(), (one) => one.close());
    receiver.answer = () => 403;
    await server.rest.call('PATCH', `/notification-channels/${ntfy.id}`, { body: { settings: { url: receiver.url } }, headers: { 'If-Match': `"${ntfy.revision}"` } });
    const { approval, result } = await held(server, client, 'up__work', { amount: 13 });
    await letter(/amount 13$/);
    const all = await deliveries(server, approval.id, (some) => some.every((one) => one.state !== 'waiting'));
    assert.deepEqual(new Map(all.map((one) => [one.kind, one.state])), new Map([['email', 'sent'], ['ntfy', 'failed']]));
    await server.decline(approval.id, 'no');
    await result;

    // Send me a test, and what I said about myself.
    const { body, etag } = await server.rest.call('GET', '/notification-settings', { key: null, headers });
    assert.deepEqual(body.channels.map((one) => one.kind).toSorted(), ['email', 'ntfy']);
    const mine = { steps: [{ channel: 'email', after: 0 }], quiet_hours: null };
    await server.rest.call('PUT', '/notification-settings', { body: mine, key: null, headers: { ...headers, 'If-Match': etag } });
    await server.rest.call('PUT', '/notification-settings', { body: mine, key: null, headers: { ...headers, 'If-Match': etag }, expect: 412 });
    await server.rest.call('POST', '/notification-settings/test', { body: { channel: 'email' }, key: null, headers });
    await letter(/^Preloop can reach you$/);
  });

  test('quiet hours hold a message back', async () => {
    const headers = await server.signIn();
    const { etag } = await server.rest.call('GET', '/notification-settings', { key: null, headers });
    // From now on for twelve hours, wherever the test runs.
    const hour = new Date().getUTCHours();
    const at = (one) => `${String(one % 24).padStart(2, '0')}:00`;
    const quiet = { from: at(hour), to: at(hour + 12), time_zone: 'UTC' };
    await server.rest.call('PUT', '/notification-settings', { body: { steps: [{ channel: 'email', after: 0 }], quiet_hours: quiet }, key: null, headers: { ...headers, 'If-Match': etag } });
    const { approval, result } = await held(server, client, 'up__work', { amount: 14 });
    const [held_back] = await deliveries(server, approval.id, (all) => all[0] && new Date(all[0].due_at) - Date.now() > 3_600_000);
    assert.deepEqual([held_back.state, held_back.attempts], ['waiting', 0]);
    await server.decline(approval.id, 'no');
    await result;
  });
});

describe('a mail server that wants TLS and a password', () => {
  const cleanup = new Cleanup();
  let server, client, mail;
  before(async () => {
    const folder = cleanup.add(await mkdtemp(join(tmpdir(), 'preloop-mail-')), (one) => rm(one, { recursive: true }));
    const files = { key: join(folder, 'key.pem'), cert: join(folder, 'cert.pem') };
    await run('openssl', [
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'],
      ...['-keyout', files.key, '-out', files.cert, '-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'],
    ]);
    mail = cleanup.add(
      await StrictMail.start({ key: await readFile(files.key), cert: await readFile(files.cert), user: 'preloop', password: 'hunter2' }),
      (one) => one.close(),
    );
    ({ server, client } = await world(cleanup, { env: { SSL_CERT_FILE: files.cert } }));
  });
  after(() => cleanup.run());

  test('gets the letter over STARTTLS, with the password; without TLS or with a wrong one nothing is sent', async () => {
    const settings = { host: 'localhost', port: mail.port, security: 'starttls', user: 'preloop', from: 'preloop@example.com' };
    await server.rest.call('POST', '/notification-channels', { body: { kind: 'email', settings: { ...settings, host: 'mail.example.com', security: 'none' } }, expect: 400 });
    const { channel: made } = await channel(server, { kind: 'email', settings, secret: 'hunter2' });
    const { approval, result } = await held(server, client, 'up__work', { amount: 20 });
    const sent = await mail.log.find((one) => one.to[0] === 'ana@example.com');
    assert.deepEqual([sent.secure, sent.user], [true, 'preloop']);
    assert.match(sent.data, /^Content-Type: multipart\/alternative/m);
    const first = await deliveries(server, approval.id, (all) => all[0]?.state === 'sent');
    assert.equal(first.length, 1);
    await server.decline(approval.id, 'no');
    await result;

    // The address changed and the password was not given again: it does not go to the new place.
    const { body: changed } = await server.rest.call('PATCH', `/notification-channels/${made.id}`, {
      body: { settings: { ...settings, port: mail.port, user: 'other' } },
      headers: { 'If-Match': `"${made.revision}"` },
    });
    assert.equal(changed.has_secret, false);
    const second = await held(server, client, 'up__work', { amount: 21 });
    const [failed] = await deliveries(server, second.approval.id, (all) => all[0]?.attempts > 0);
    assert.deepEqual([failed.state, failed.error], ['waiting', 'the mail server refused the user or the password']);
    assert.equal(mail.log.items.length, 1);
    await server.decline(second.approval.id, 'no');
    await second.result;
  });
});

describe('maildev', () => {
  const cleanup = new Cleanup();
  after(() => cleanup.run());

  test('shows the letter as people would see it', async () => {
    const { server, client } = await world(cleanup);
    const [smtp, web] = [await freePort(), await freePort()];
    const child = spawn(process.execPath, ['node_modules/maildev/dist/bin/maildev.js', '--smtp', String(smtp), '--web', String(web), '--ip', '127.0.0.1', '--web-ip', '127.0.0.1'], {
      cwd: import.meta.dirname,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    cleanup.add(child, (one) => one.kill('SIGKILL'));
    await within(new Promise((ready, failed) => {
      let said = '';
      const look = (piece) => {
        said += piece;
        if (/to stop/.test(said)) ready();
      };
      child.stdout.on('data', look);
      child.stderr.on('data', look);
      child.once('exit', () => failed(new Error(said)));
    }), 30_000, 'maildev');
    await channel(server, { kind: 'email', settings: { host: '127.0.0.1', port: smtp, security: 'none', from: 'preloop@example.com' } });
    const { approval, result } = await held(server, client, 'up__work', { amount: 30 });
    await deliveries(server, approval.id, (all) => all[0]?.state === 'sent');
    const [email] = await (await fetch(`http://127.0.0.1:${web}/api/email`)).json();
    assert.equal(email.subject, 'Approve? work: amount 30');
    assert.deepEqual(email.to.map((one) => one.address), ['ana@example.com']);
    await decide(server, tokenOf(email.html), 'approve');
    await result;
  });
});
