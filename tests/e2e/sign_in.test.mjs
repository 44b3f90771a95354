// The person at a terminal, and the agent that has their shell: who may decide, and how they prove it.
import assert from 'node:assert/strict';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Cleanup, HttpUpstream, Preloop, connect, held, textOf } from './support/all.mjs';

describe('a terminal', () => {
  let server;
  let upstream;
  let client;
  const cleanup = new Cleanup();
  after(() => cleanup.run());

  before(async () => {
    server = cleanup.add(await Preloop.start(), (one) => one.dispose());
    upstream = cleanup.add(await HttpUpstream.start(), (one) => one.close());
    await server.addServer(upstream.config('up'));
    await server.applyPolicy('version: 2\nrules:\n  - {tool: work, action: require_approval}\n');
    client = cleanup.add(await connect(server, await server.agentKey()), (one) => one.close());
  });

  test('signs in with a code that is confirmed in the browser', async () => {
    const waiting = server.spawnCli(['login']);
    const [, url, code] = await waiting.stderr.match(/Open (\S+) and confirm the code (\S+)\n/);
    assert.ok(url.startsWith(server.url));
    assert.equal((await fetch(url)).status, 200);
    const session = { key: null, headers: await server.signIn() };
    const shown = await server.rest.call('POST', '/auth/login/lookup', { body: { code }, ...session });
    assert.deepEqual(shown.body.scopes, ['read']);
    await server.rest.call('POST', '/auth/login/confirm', { body: { code, decision: 'confirmed' }, ...session });
    assert.deepEqual(await waiting.exited, { code: 0, signal: null });
    const file = join(server.home, '.preloop', 'config.yaml');
    assert.equal((await stat(file)).mode & 0o777, 0o600);
    assert.match(await readFile(file, 'utf8'), /plo_/);
    assert.match(await server.ok(['approvals', 'pending']), /STATUS|none|nothing/i);
  });

  test('what it stored can read and nothing else: an agent with this shell cannot approve itself', async () => {
    const waiting = await held(server, client, 'up__work', { n: 1 });
    const listed = JSON.parse(await server.ok(['approvals', 'pending', '--output', 'json']));
    assert.equal(listed.items[0].id, waiting.approval.id);
    for (const command of [
      ['approvals', 'approve', 'last'],
      ['approvals', 'decline', waiting.approval.id],
      ['secrets', 'list'],
      ['servers', 'remove', 'up'],
    ]) {
      // No terminal to ask for a password at, as in an agent's shell.
      const { code, stderr } = await server.cli(command);
      assert.equal(code, 1, `${command.join(' ')}: ${stderr}`);
      assert.match(stderr, /^preloop: .*(password|terminal|sign in)/);
    }
    const [stored] = /plo_[\w-]+/.exec(await readFile(join(server.home, '.preloop', 'config.yaml'), 'utf8'));
    await server.approve(waiting.approval.id, { key: stored, expect: 403 });
    await server.rest.call('POST', '/auth/api-keys', {
      key: stored,
      body: { class: 'operator', name: 'more', scopes: ['read', 'decide'] },
      expect: 403,
    });
    await server.rest.call('POST', '/auth/elevate', { key: stored, body: { password: 'a wrong guess here', scopes: ['decide'] }, expect: 403 }).catch(() =>
      server.rest.call('POST', '/auth/elevate', { key: stored, body: { password: 'a wrong guess here', scopes: ['decide'] }, expect: 401 }),
    );
    assert.equal((await server.approval(waiting.approval.id)).status, 'pending');

    const { body } = await server.rest.call('POST', '/auth/elevate', {
      key: stored,
      body: { password: Preloop.PASSWORD, scopes: ['read', 'decide'] },
      expect: 201,
    });
    assert.ok(Date.parse(body.api_key.expires_at) - Date.now() <= 5 * 60_000);
    await server.approve(waiting.approval.id, { key: body.key });
    assert.match(textOf(await waiting.result), /^did/);
  });

  test('a page of another origin cannot use the person’s session', async () => {
    const session = await server.signIn();
    const me = await server.rest.call('GET', '/auth/me', { key: null, headers: session });
    assert.equal(me.body.class, 'session');
    const { 'X-Preloop-Session': half, ...cookieOnly } = session;
    await server.rest.call('GET', '/auth/me', { key: null, headers: cookieOnly, expect: 401 });
    await server.rest.call('GET', '/auth/me', { key: null, headers: { 'X-Preloop-Session': half }, expect: 401 });
    const evil = { ...session, Origin: 'http://evil.example' };
    const refused = await fetch(`${server.url}/api/v1/agents`, {
      method: 'POST',
      headers: { ...evil, 'Content-Type': 'application/json' },
      body: '{"name":"x"}',
    });
    assert.equal(refused.status, 403);
    await server.rest.call('POST', '/auth/sign-out', { key: null, headers: session });
    await server.rest.call('GET', '/auth/me', { key: null, headers: session, expect: 401 });
  });

  test('guessing a password is slowed down, and does not say who exists', async () => {
    const attempt = (email) => server.rest.call('POST', '/auth/sign-in', { key: null, body: { email, password: 'guess guess guess' }, expect: 401 });
    const known = await attempt(Preloop.OWNER);
    const unknown = await attempt('nobody@example.com');
    assert.equal(known.body.detail, unknown.body.detail);
    let status = 401;
    for (let n = 0; n < 40 && status === 401; ++n) {
      const response = await fetch(`${server.url}/api/v1/auth/sign-in`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ email: Preloop.OWNER, password: 'guess guess guess' }),
      });
      status = response.status;
      await response.arrayBuffer();
    }
    assert.equal(status, 429);
  });
});
