import assert from 'node:assert/strict';
import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { test } from 'node:test';
import { headText, verifyExport } from './verify_export.ts';

const { publicKey, privateKey } = generateKeyPairSync('ed25519');
const raw = publicKey.export({ format: 'der', type: 'spki' }).subarray(-32);
const key = sha256(raw).slice(0, 16);
const signed = (text: string) => sign(null, Buffer.from(text), privateKey).toString('hex');

function sha256(bytes: string | Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Three records of one chain, signed and ended. */
function exported({ change = (lines: string[]) => lines } = {}): string {
  let prev = '0'.repeat(64);
  const lines = [JSON.stringify({ type: 'header', keys: [{ id: key, public: raw.toString('hex') }] })];
  for (let seq = 1; seq <= 3; ++seq) {
    const record = JSON.stringify({ v: 1, chain: 'c', seq, prev, kind: 'call.decided', note: 'ü,"payloads":[' });
    lines.push(`{"type":"record","record":${record}}`);
    prev = sha256(`preloop.audit.v1\n${record}`);
  }
  const head = { purpose: 'head', origin: 'o', account: 'a', chain: 'c', seq: 3, hash: prev, at: '2026-01-01T00:00:00Z' };
  lines.push(JSON.stringify({ type: 'head', ...head, key, signature: signed(headText(head)) }));
  const kept = change(lines);
  const digest = sha256(`${kept.join('\n')}\n`);
  const end = { type: 'end', lines: kept.length, sha256: digest, key, signature: signed(`preloop.audit.export.v1\n${kept.length}\n${digest}\n`) };
  return `${[...kept, JSON.stringify(end)].join('\n')}\n`;
}

test('what was not touched is intact', async () => {
  const report = await verifyExport(exported());
  assert.deepEqual({ ...report, keys: report.keys.length }, { verdict: 'intact', records: 3, heads: 1, chains: 1, keys: 1, findings: [] });
});

test('a changed, a missing and a cut record are found', async () => {
  const changed = await verifyExport(exported({ change: (lines) => lines.with(2, (lines[2] ?? '').replace('decided', 'allowed')) }));
  assert.equal(changed.verdict, 'tampered');
  const missing = await verifyExport(exported({ change: (lines) => lines.toSpliced(2, 1) }));
  assert.equal(missing.verdict, 'incomplete');
  const cut = await verifyExport(exported().split('\n').slice(0, 4).join('\n'));
  assert.equal(cut.verdict, 'incomplete');
  assert.equal((await verifyExport('no export\n')).verdict, 'tampered');
});

test('a changed byte that keeps its line is found by the end', async () => {
  const report = await verifyExport(exported().replace('"header"', '"header" '));
  assert.equal(report.verdict, 'tampered');
});
