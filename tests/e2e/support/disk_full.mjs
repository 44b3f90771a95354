// The body of disk_full.test.mjs, run where TMPDIR is a small disk of its own.
import assert from 'node:assert/strict';
import { open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Cleanup, HttpUpstream, Preloop, call, connect, held, textOf } from './all.mjs';

const filler = join(tmpdir(), 'filler');

async function fill() {
  const file = await open(filler, 'w');
  for (let size = 1024 * 1024; size >= 512; ) {
    try {
      await file.write(Buffer.alloc(size, 1));
    } catch (error) {
      assert.equal(error.code, 'ENOSPC');
      size /= 2;
    }
  }
  await file.close();
}

const cleanup = new Cleanup();
try {
  const server = cleanup.add(await Preloop.start(), (one) => one.dispose());
  const upstream = cleanup.add(await HttpUpstream.start(), (one) => one.close());
  await server.addServer(upstream.config('up'));
  await server.applyPolicy('version: 2\nrules:\n  - {tool: work, when: "has(args.ask)", action: require_approval}\n');
  const key = await server.agentKey();
  const client = cleanup.add(await connect(server, key), (one) => one.close());
  const waiting = await held(server, client, 'up__work', { ask: 1 });

  await fill();
  let answered = 0;
  let refused;
  // The store's log has room for some more.
  for (let n = 0; n < 5000 && !refused; ++n) {
    const result = await call(client, 'up__work', { n });
    if (result.isError) refused = textOf(result);
    else ++answered;
  }
  assert.ok(refused, 'a full disk refuses calls');
  assert.match(refused, /Nothing was executed|could not be recorded/);
  const executed = upstream.calls.items.length;
  for (let n = 0; n < 10; ++n) {
    const result = await call(client, 'up__work', { full: n });
    assert.equal(result.isError, true);
    assert.match(textOf(result), /^Refused.*Nothing was executed\./);
  }
  assert.equal(upstream.calls.items.length, executed, 'nothing runs unrecorded');
  assert.ok(executed === answered || /could not be recorded/.test(refused));

  const status = await server.rest.call('GET', '/status');
  assert.equal(status.status, 200);
  assert.equal((await server.approval(waiting.approval.id)).status, 'pending');
  assert.equal((await client.listTools()).tools.length, 1);
  const late = await server.rest.call('PUT', '/secrets/x', { body: { value: 'y' }, expect: 507 });
  assert.ok(late.body.detail, 'a clear error');
  assert.equal((await fetch(`${server.url}/healthz`)).status, 200);

  await rm(filler);
  // Nobody announces free space; the server looks every ten seconds.
  const end = Date.now() + 45_000;
  for (let result; (result = await call(client, 'up__work', { again: 1 })).isError; ) {
    assert.ok(Date.now() < end, `it goes on when there is room again: ${textOf(result)}`);
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  await server.approve(waiting.approval.id);
  assert.match(textOf(await waiting.result), /^did/);
  await server.restart();
  const { records, verified } = await server.audit();
  assert.equal(verified.code, 0, verified.stdout);
  const completed = records.filter((one) => one.kind === 'call.completed' && one.tool === 'work').length;
  assert.ok(completed >= answered + 2, `${completed} in the record, ${answered + 2} answered`);
  console.log(`${answered} calls fitted into the full disk, then: ${refused}`);
} finally {
  await cleanup.run();
}
