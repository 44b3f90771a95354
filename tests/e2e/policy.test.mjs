// Rules from outside: scopes, counting, shadow mode, masking, justification, history, replay.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { call, Cleanup, connect, held, HttpUpstream, Preloop, text, textOf } from './support/all.mjs';

const tool = (name, more = {}) => ({ name, description: name, inputSchema: { type: 'object' }, ...more });
const TOOLS = [
  tool('pay', { inputSchema: { type: 'object', properties: { amount: { type: 'number' } } } }),
  tool('read_secret', { annotations: { readOnlyHint: true } }),
  tool('send_email'),
  tool('customer'),
  tool('explain_me', { inputSchema: { type: 'object', properties: { justification: { type: 'string' } } } }),
];

/** A server with one upstream, an agent's client, and what the agent sees. */
async function world(cleanup, { args = [], agent = 'bot' } = {}) {
  const server = cleanup.add(await Preloop.start({ args }), (one) => one.dispose());
  const upstream = cleanup.add(await HttpUpstream.start({ tools: TOOLS }), (one) => one.close());
  await server.addServer(upstream.config('bank'));
  const key = await server.agentKey(agent);
  const client = cleanup.add(await connect(server, key), (one) => one.close());
  return { server, upstream, key, client };
}

for (const threads of ['1', '4']) {
  test(`fifty calls at once, three are let through (${threads} loops)`, async () => {
    const cleanup = new Cleanup();
    try {
      const { server, upstream, client } = await world(cleanup, { args: ['--io-threads', threads] });
      await server.applyPolicy(`version: 2
rules:
  - {tool: pay, when: "calls('pay', duration('1h')) < 3", action: allow}
  - {tool: pay, action: deny, message: "Three an hour"}
`);
      const answers = await Promise.all(Array.from({ length: 50 }, (_, i) => call(client, 'bank__pay', { amount: i }).catch((error) => error)));
      const executed = upstream.calls.items.filter((one) => one.name === 'pay').length;
      assert.equal(executed, 3);
      assert.equal(answers.filter((one) => one.isError === undefined && /did/.test(textOf(one))).length, 3);
      assert.ok(answers.some((one) => /Three an hour/.test(JSON.stringify(one))));
      // The count survives the process.
      await server.restart();
      const again = await connect(server, await server.agentKey('bot'));
      assert.match(textOf(await call(again, 'bank__pay', { amount: 99 })), /Three an hour/);
      await again.close();
    } finally {
      await cleanup.run();
    }
  });
}

describe('rules and scopes', () => {
  const cleanup = new Cleanup();
  after(() => cleanup.run());
  let server, upstream, key, client;
  before(async () => ({ server, upstream, key, client } = await world(cleanup)));
  const listed = async () => (await client.listTools()).tools.map((one) => one.name);
  const cli = (args, options = {}) => server.cli(args, { key: server.operator, ...options });

  test('what a caller may never use is not listed for it, and is refused', async () => {
    await server.applyPolicy(`version: 2
scopes:
  agents:
    bot: {tools: [{name: bank/customer, enabled: false}], rules: [{tool: send_email, when: "!tool.annotations.readOnlyHint", action: deny, message: "not this agent"}]}
`);
    assert.deepEqual(await listed(), ['bank__pay', 'bank__read_secret', 'bank__explain_me']);
    assert.match(textOf(await call(client, 'bank__send_email')), /not this agent/);
    assert.match(textOf(await call(client, 'bank__customer')), /switched off/);
    const other = await connect(server, await server.agentKey('other'));
    assert.equal((await other.listTools()).tools.length, 5);
    await other.close();
  });

  test('explain names rule, scope and values; without a tool, what holds the caller', async () => {
    await server.applyPolicy(`version: 2
rules:
  - {tool: pay, when: "args.amount > 100", action: require_approval}
  - {tool: pay, when: "args.amount > 50", action: deny}
scopes: {agents: {bot: {rules: [{tool: pay, action: require_approval}]}}}
`);
    const out = await server.ok(['policy', 'explain', '--agent', 'bot', '--tool', 'bank/pay', '--args', '{"amount":150}'], { key: server.operator });
    assert.match(out, /bank\/pay: require_approval/);
    assert.match(out, /account rule 1 \(pay\): require_approval: matched when args\.amount > 100; args\.amount = 150/);
    assert.match(out, /also_matched/);
    assert.match(out, /agent bot rule 1/);
    const { items } = JSON.parse(await server.ok(['policy', 'explain', '--agent', 'bot', '--output', 'json'], { key: server.operator }));
    assert.equal(items.find((one) => one.tool === 'pay').outcome, 'depends');
    assert.equal(items.find((one) => one.tool === 'customer').outcome, 'allow');
  });

  test('a tool is denied once another was used in the session', async () => {
    await server.applyPolicy(`version: 2
rules: [{tool: send_email, when: "session.tools_used.exists(t, t.name == 'read_secret')", action: deny, message: "A secret was read"}]
`);
    const fresh = await connect(server, await server.agentKey('reader'));
    assert.match(textOf(await call(fresh, 'bank__send_email', { n: 1 })), /did/);
    assert.match(textOf(await call(fresh, 'bank__read_secret')), /did/);
    assert.match(textOf(await call(fresh, 'bank__send_email', { n: 2 })), /A secret was read/);
    await fresh.close();
  });

  test('a place is given back when a person declines', async () => {
    await server.applyPolicy(`version: 2
rules:
  - {tool: pay, when: "calls('pay', duration('1h')) < 1", action: require_approval}
  - {tool: pay, action: deny, message: "Already one"}
`);
    const fresh = await connect(server, await server.agentKey('asker'));
    const first = await held(server, fresh, 'bank__pay', { amount: 1 });
    assert.match(textOf(await call(fresh, 'bank__pay', { amount: 2 })), /Already one/);
    await server.decline(first.approval.id, 'no');
    assert.match(textOf(await first.result), /Declined/);
    const second = await held(server, fresh, 'bank__pay', { amount: 2 });
    await server.approve(second.approval.id);
    assert.match(textOf(await second.result), /did/);
    assert.match(textOf(await call(fresh, 'bank__pay', { amount: 3 })), /Already one/);
    assert.match(await server.ok(['policy', 'explain', '--agent', 'asker', '--tool', 'bank/pay'], { key: server.operator }), /bank\/pay: deny/);
    assert.match(await server.ok(['policy', 'explain', '--agent', 'other', '--tool', 'bank/pay'], { key: server.operator }), /bank\/pay: require_approval/);
    await fresh.close();
  });

  test('shadow mode is recorded and changes nothing', async () => {
    await server.applyPolicy('version: 2\nrules: [{tool: pay, when: "args.amount > 10", action: observe}]\n');
    assert.match(textOf(await call(client, 'bank__pay', { amount: 77 })), /did/);
    const { records } = await server.audit();
    const decided = records.filter((one) => one.kind === 'call.decided' && one.details?.observed);
    assert.deepEqual(decided.at(-1).details.observed, ['account rule 1 (pay)']);
  });

  test('results are masked before the agent sees them, arguments before people do; a look is recorded', async () => {
    await server.applyPolicy(`version: 2
rules: [{tool: pay, action: require_approval}]
tools:
  - {name: customer, redact: {result: ["$.phone", email]}}
  - {name: pay, redact: {shown: ["$.note"]}}
`);
    upstream.onCall = (one) => one.answer({ ...text('{"phone":"123","mail":"ana@example.com"}'), structuredContent: { phone: '123', name: 'Ana' } });
    const masked = await call(client, 'bank__customer');
    assert.deepEqual(masked.structuredContent, { phone: '[redacted:field]', name: 'Ana' });
    assert.equal(masked.content[0].text, '{"phone":"[redacted:field]","mail":"[redacted:email]"}');
    const waiting = await held(server, client, 'bank__pay', { amount: 5, note: 'for the private file', card: '4111 1111 1111 1111' });
    const shown = await server.approval(waiting.approval.id);
    assert.deepEqual(shown.arguments, { amount: 5, note: '[redacted:field]', card: '[redacted:credit_card, 19 characters, ends 1111]' });
    assert.equal(shown.arguments_redacted, true);
    const raw = JSON.parse(await server.ok(['approvals', 'show', '--reveal', waiting.approval.id, '--output', 'json'], { key: server.operator }));
    assert.equal(raw.arguments.note, 'for the private file');
    await server.approve(waiting.approval.id);
    await waiting.result;
    assert.deepEqual(upstream.calls.items.at(-1).args.note, 'for the private file');
    const { records, text: exported } = await server.audit();
    assert.equal(records.filter((one) => one.kind === 'approval.revealed').length, 1);
    assert.ok(!exported.includes('4111 1111 1111 1111'));
    upstream.onCall = (one) => one.answer(text(`did ${JSON.stringify(one.args)}`));
  });

  test('a justification is asked for, shown, and not passed on', async () => {
    await server.applyPolicy(`version: 2
rules: [{tool: pay, action: require_approval}]
tools: [{name: pay, justification: required}, {name: explain_me, justification: required}]
`);
    const { tools } = await client.listTools();
    const schema = tools.find((one) => one.name === 'bank__pay').inputSchema;
    assert.deepEqual(schema.required, ['justification']);
    assert.equal(schema.properties.amount.type, 'number');
    assert.match(textOf(await call(client, 'bank__pay', { amount: 1 })), /Justification required/);
    const waiting = await held(server, client, 'bank__pay', { amount: 1, justification: 'The invoice is due' });
    assert.equal((await server.approval(waiting.approval.id)).justification, 'The invoice is due');
    await server.approve(waiting.approval.id);
    await waiting.result;
    assert.deepEqual(upstream.calls.items.at(-1).args, { amount: 1 });
    // Its own parameter stays its own.
    await call(client, 'bank__explain_me', { justification: 'mine' });
    assert.deepEqual(upstream.calls.items.at(-1).args, { justification: 'mine' });
  });

  test('what a file leaves out stays without --prune; back to an earlier version exactly', async () => {
    await server.applyPolicy('version: 2\nrules: [{tool: pay, action: deny}]\nworkflows: [{name: old}]\n');
    const before = JSON.parse(await server.ok(['policy', 'versions', '--output', 'json'], { key: server.operator })).items[0].number;
    const file = join(server.root, 'part.yaml');
    await writeFile(file, 'version: 2\nworkflows: [{name: new, quorum: 2}]\n');
    const plan = await cli(['policy', 'diff', file]);
    assert.equal(plan.code, 1);
    assert.match(plan.stdout, /\+ workflows new: /);
    assert.match(plan.stdout, /= workflows old: not in the file, stays/);
    const pruned = await cli(['policy', 'diff', '--prune', file]);
    assert.match(pruned.stdout, /- workflows old: /);
    assert.match(pruned.stdout, /- rules 1: /);
    await server.ok(['policy', 'apply', file], { key: server.operator });
    assert.match(textOf(await call(client, 'bank__pay', { amount: 1 })), /Denied/);
    await server.ok(['policy', 'apply', '--prune', file], { key: server.operator });
    assert.match(textOf(await call(client, 'bank__pay', { amount: 1 })), /did/);
    assert.match(await server.ok(['policy', 'rollback', String(before), '--preview'], { key: server.operator }), /\+ workflows old: /);
    await server.ok(['policy', 'rollback', String(before)], { key: server.operator });
    assert.match(textOf(await call(client, 'bank__pay', { amount: 1 })), /Denied/);
    const exported = await server.ok(['policy', 'export'], { key: server.operator });
    assert.equal((await cli(['policy', 'diff', '--prune', '-'], { input: exported })).code, 0);
  });

  test('the documents of the reference product, with every difference told', async () => {
    const file = join(server.root, 'reference.yaml');
    await writeFile(file, 'version: "1.0"\nmetadata: {name: x}\ntools:\n  - name: pay\n    source: bank\n    conditions: [{expression: "amount > 100", action: deny, description: "no"}]\nmodel_io: []\n');
    const applied = await cli(['policy', 'apply', file]);
    assert.equal(applied.code, 0, applied.stderr);
    assert.match(applied.stderr, /reference\.yaml:\d+:\d+: .*became has\(args\.amount\) && args\.amount > 100/);
    assert.match(applied.stderr, /'model_io' is stored and not enforced/);
    assert.match(textOf(await call(client, 'bank__pay', { amount: 101 })), /Denied: no/);
    assert.match(await server.ok(['policy', 'export'], { key: server.operator }), /not_enforced:\n {2}model_io: \[\]/);
  });

  test('mistakes have a file, a line and a column', async () => {
    const file = join(server.root, 'wrong.yaml');
    await writeFile(file, 'version: 2\nrules:\n  - {tool: pay, action: alow}\n  - {tool: pya, action: deny}\n');
    const offline = await server.cli(['policy', 'validate', file]);
    assert.equal(offline.code, 1);
    assert.match(offline.stderr, /wrong\.yaml:3:\d+: 'action' must be allow, deny, require_approval or observe; did you mean 'allow'\?/);
    await writeFile(file, 'version: 2\nrules:\n  - {tool: pya, action: deny}\n');
    assert.equal((await server.cli(['policy', 'validate', file])).code, 0, 'names need a server');
    const online = await cli(['policy', 'validate', file]);
    assert.equal(online.code, 1);
    assert.match(online.stderr, /wrong\.yaml:3:\d+: .*did you mean 'pay'\?/);
  });

  test('tests beside rules run without a server, in no time, and fail a job', async () => {
    const file = join(server.root, 'tests.yaml');
    const yaml = 'version: 2\nrules:\n  - {tool: pay, when: "args.amount > 100", action: deny, tests: [{args: {amount: 101}, expect: deny}, {args: {amount: 1}, expect: allow}]}\n';
    await writeFile(file, yaml);
    assert.equal((await server.cli(['policy', 'test', file])).code, 0);
    await writeFile(file, yaml.replace('amount: 101', 'amount: 5'));
    const failed = await server.cli(['policy', 'test', file, '--output', 'json']);
    assert.equal(failed.code, 1);
    assert.equal(JSON.parse(failed.stdout).failed, 1);
  });

  test('a candidate is replayed over the record; suggestions and starters are YAML to read', async () => {
    await server.applyPolicy('version: 2\nrules: [{tool: pay, when: "args.amount > 1000", action: require_approval}]\n');
    const before = upstream.calls.items.length;
    for (const amount of [10, 20, 600]) await call(client, 'bank__pay', { amount });
    assert.equal(upstream.calls.items.length, before + 3);
    for (let i = 0; i < 5; ++i) {
      const one = await held(server, client, 'bank__pay', { amount: 2000 + i });
      await server.approve(one.approval.id);
      await one.result;
    }
    const file = join(server.root, 'candidate.yaml');
    await writeFile(file, 'version: 2\nrules: [{tool: pay, when: "args.amount == 600", action: deny}]\n');
    const report = JSON.parse(await server.ok(['policy', 'replay', file, '--since', '1d', '--output', 'json'], { key: server.operator }));
    const denied = report.items.find((one) => one.before === 'allow' && one.after === 'deny' && one.tool === 'pay');
    assert.equal(denied.calls, 1);
    assert.equal(denied.why, 'account rule 1 (pay)');
    assert.equal(report.calls, report.same + report.changed);
    const suggested = await server.ok(['policy', 'suggest'], { key: server.operator });
    assert.match(suggested, /# approved \d+ times, never declined|rules: \[\]/);
    const starter = await server.ok(['policy', 'starter', 'bank'], { key: server.operator });
    assert.match(starter, /# moves money/);
    await writeFile(file, starter);
    assert.equal((await cli(['policy', 'validate', file])).code, 0);
    await writeFile(file, suggested);
    assert.equal((await cli(['policy', 'validate', file])).code, 0);
  });
});
