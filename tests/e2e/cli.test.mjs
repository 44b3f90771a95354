// The command line as people and scripts use it: words, exit codes, formats.
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Cleanup, HttpUpstream, Preloop } from './support/all.mjs';

const POLICY = `version: 2
rules:
  - {tool: work, when: "args.amount > 100", action: deny, message: "Too much"}
tests:
  - {tool: work, args: {amount: 500}, expect: deny}
  - {tool: work, args: {amount: 5}, expect: allow}
`;

describe('the command line', () => {
  let server;
  const cleanup = new Cleanup();
  after(() => cleanup.run());

  before(async () => {
    server = cleanup.add(await Preloop.start(), (one) => one.dispose());
    const upstream = cleanup.add(await HttpUpstream.start(), (one) => one.close());
    await server.addServer(upstream.config('up'));
  });

  const cli = (args, options = {}) => server.cli(args, { key: server.operator, ...options });
  /** Refused in one line of standard error, which says what to do. */
  const refused = (answer, code, words) => {
    assert.equal(answer.code, code, answer.stdout + answer.stderr);
    assert.equal(answer.stdout, '');
    assert.match(answer.stderr, /^preloop: [^\n]+\n$/);
    assert.match(answer.stderr, words);
  };

  test('every command has help', async () => {
    const nouns = /Subcommands:\n([^]+)/;
    const commands = (text) => [...(nouns.exec(text)?.[1] ?? '').matchAll(/^ {2}([a-z-]+) /gm)].map((match) => match[1]);
    const walk = async (path) => {
      const { code, stdout, stderr } = await cli([...path, '--help']);
      assert.equal(code, 0, `${path}: ${stderr}`);
      assert.match(stdout, /^\S.*\nUsage: preloop/, path.join(' '));
      for (const line of stdout.split('\n')) assert.ok(!/^ {2}\S+ *$/.test(line), `${path}: '${line}' explains nothing`);
      for (const command of commands(stdout)) await walk([...path, command]);
      return stdout;
    };
    const top = await walk([]);
    for (const noun of ['serve', 'login', 'tools', 'servers', 'approvals', 'policy', 'secrets', 'audit', 'admin', 'doctor', 'example-server']) {
      assert.ok(commands(top).includes(noun), noun);
    }
    assert.match((await cli(['--version'])).stdout, /^preloop \d+\.\d+\.\d+\n$/);
  });

  for (const [args, words] of [
    [[], /preloop needs a command; there are .*serve.*; see: preloop --help/],
    [['bogus'], /there is no command 'preloop bogus'; there are .*serve/],
    [['tools'], /preloop tools needs a command; there are list, describe, call; see: preloop tools --help/],
    [['tools', 'bogus'], /there is no command 'preloop tools bogus'/],
    [['tools', 'call'], /NAME is required; see: preloop tools call --help/],
    [['tools', 'list', 'more'], /more.*see: preloop tools list --help/],
    [['tools', 'call', 'work', '--args', '[1]'], /--args must be a JSON object/],
    [['--output', 'xml', 'tools', 'list'], /--output.*must be table, json or yaml/],
    [['admin', 'key', 'create'], /--class is required/],
    [['serve', '--no-such-flag'], /--no-such-flag/],
    [['serve', '--io-threads', 'many'], /--io-threads .*whole number/],
    [['serve', '--trusted-proxy', '300.0.0.0/8'], /--trusted-proxy .*300\.0\.0\.0\/8/],
    [['serve', '--log-level', 'loud'], /--log-level .*debug, info, warn or error/],
    [['policy', 'diff', '/nowhere/policy.yaml'], /cannot read the file \/nowhere\/policy\.yaml/],
    [['audit', 'verify', '/nowhere/export.jsonl'], /cannot read the file/],
  ]) {
    test(`wrong usage is 2 and one line: preloop ${args.join(' ')}`, async () => refused(await cli(args), 2, words));
  }

  test('lists are tables, JSON or YAML of the same objects', async () => {
    const table = await server.ok(['servers', 'list'], { key: server.operator });
    assert.match(table, /^NAME +TRANSPORT +STATUS/);
    const { items } = JSON.parse(await server.ok(['servers', 'list', '--output', 'json'], { key: server.operator }));
    const rest = (await server.rest.call('GET', '/mcp-servers')).body.items;
    assert.deepEqual(items, rest);
    const yaml = await server.ok(['--output', 'yaml', 'servers', 'list'], { key: server.operator });
    assert.match(yaml, /^items:\n +- /);
    assert.match(yaml, /name: up\n/);
    for (const args of [['tools', 'list'], ['approvals', 'pending'], ['secrets', 'list']]) {
      const key = args[0] === 'tools' ? await server.agentKey(`lists-${args[0]}`) : server.operator;
      assert.ok(Array.isArray(JSON.parse(await server.ok([...args, '--output', 'json'], { key })).items), args.join(' '));
    }
  });

  test('nothing that a terminal would interpret when it is none, with and without NO_COLOR', async () => {
    for (const env of [{ NO_COLOR: '1' }, { NO_COLOR: '' }]) {
      for (const args of [['servers', 'list'], ['--help'], ['doctor'], ['policy', 'export']]) {
        const { stdout, stderr } = await cli(args, { env });
        assert.ok(!/\x1b/.test(stdout + stderr), args.join(' '));
      }
    }
  });

  test('policy: validate, diff, apply, export and test', async () => {
    const file = join(server.root, 'policy.yaml');
    await writeFile(file, POLICY);
    assert.match(await server.ok(['policy', 'validate', file], { key: server.operator }), /policy\.yaml is valid/);
    const before = await cli(['policy', 'diff', file]);
    assert.equal(before.code, 1, before.stderr);
    assert.match(before.stdout, /work/);
    const tested = await cli(['policy', 'test', file, '--output', 'json']);
    assert.equal(tested.code, 0, tested.stderr);
    assert.deepEqual(JSON.parse(tested.stdout).items.map((one) => one.passed), [true, true]);
    assert.match(await server.ok(['policy', 'apply', file, '--comment', 'a first try'], { key: server.operator }), /version \d+ is in force/);
    assert.equal((await cli(['policy', 'diff', file])).code, 0, 'nothing is left to change');
    // Export and apply change nothing, through files and through pipes.
    const exported = join(server.root, 'exported.yaml');
    await server.ok(['policy', 'export', exported], { key: server.operator });
    assert.equal((await cli(['policy', 'diff', exported])).code, 0);
    const piped = await cli(['policy', 'export']);
    assert.equal(piped.stdout, await readFile(exported, 'utf8'));
    assert.equal((await cli(['policy', 'diff', '-'], { input: piped.stdout })).code, 0);
    assert.equal((await cli(['policy', 'test'])).code, 0, 'the tests of what is in force');
    // A test that fails, in a file that is not applied.
    await writeFile(file, POLICY.replace('amount: 5}, expect: allow', 'amount: 5}, expect: deny'));
    const failing = await cli(['policy', 'test', file]);
    assert.equal(failing.code, 1);
    assert.match(failing.stdout, /work/);
    const doubtful = await cli(['policy', 'validate', file]);
    assert.equal(doubtful.code, 0);
    assert.match(doubtful.stderr, /^warning: \S+policy\.yaml:6:\d+: expected deny/m);
    // What cannot be read: the place and a suggestion; diff says 2, because 1 means changes.
    await writeFile(file, 'version: 2\nruels: []\n');
    const wrong = await cli(['policy', 'validate', file]);
    assert.equal(wrong.code, 1);
    assert.match(wrong.stderr, /2:1: unknown key 'ruels' .*did you mean 'rules'/);
    assert.equal((await cli(['policy', 'diff', file])).code, 2);
    // A tool that no server has.
    await writeFile(file, 'version: 2\nrules:\n  - {tool: wrok, action: deny}\n');
    const unknown = await cli(['policy', 'apply', file]);
    assert.equal(unknown.code, 1);
    assert.match(unknown.stderr, /wrok.*work/s);
  });

  test('secrets are set from standard input, listed by name, removed', async () => {
    await server.ok(['secrets', 'set', 'cli-secret'], { key: server.operator, input: 'value 4711\n' });
    const listed = await server.ok(['secrets', 'list'], { key: server.operator });
    assert.match(listed, /cli-secret/);
    assert.ok(!listed.includes('4711'));
    await server.ok(['secrets', 'remove', 'cli-secret'], { key: server.operator });
    refused(await cli(['secrets', 'remove', 'cli-secret']), 1, /cli-secret/);
  });

  test('the message of a rule is a sentence, whether it ends like one or not', async () => {
    const { code, stdout } = await server.cli(['tools', 'call', 'work', '--args', '{"amount":500}'], { key: await server.agentKey('payer') });
    assert.equal(code, 1);
    assert.match(stdout, /^Denied: Too much\. Nothing was executed\.\n$/);
  });

  test('keys of several agents on one terminal', async () => {
    const keys = { one: await server.agentKey('one'), two: await server.agentKey('two') };
    refused(await server.cli(['tools', 'list', '--agent', 'one']), 1, /no key of the agent 'one' .*preloop login --agent one/);
    for (const name of ['one', 'two']) await server.ok(['login', '--agent', name, '--token', keys[name]]);
    await server.ok(['tools', 'call', 'work', '--args', '{"amount":2}', '--agent', 'two']);
    await server.ok(['tools', 'call', 'work', '--args', '{"amount":1}']);
    const { records } = await server.audit();
    assert.deepEqual(records.filter((one) => one.kind === 'call.decided').slice(-2).map((one) => one.actor.name), ['two', 'one']);
    refused(await server.cli(['login', '--agent', 'three', '--token', `${keys.one.slice(0, -1)}x`]), 1, /./);
    refused(await server.cli(['login', '--agent', 'three', '--token', server.operator]), 2, /agent's key/);
  });

  test('no server, no key, no data dir: what to do next', async () => {
    const env = { PRELOOP_URL: 'http://127.0.0.1:9' };
    refused(await cli(['servers', 'list'], { env }), 1, /no server answers at .*; start one with: preloop serve/);
    refused(await server.cli(['servers', 'list']), 1, /preloop login/);
    const stranger = { env: { HOME: join(server.root, 'nobody') } };
    refused(await server.cli(['tools', 'list'], stranger), 1, /preloop admin key create --class agent/);
    refused(await cli(['admin', 'status', '--data-dir', '/nowhere']), 1, /no server's data in \/nowhere/);
    const sick = await cli(['doctor'], { env });
    assert.equal(sick.code, 1);
    assert.match(sick.stdout, /^problem +server +nobody answers/m);
  });
});
