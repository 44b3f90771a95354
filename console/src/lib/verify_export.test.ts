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

const SALT = 'ab'.repeat(32);
const CONTENT = '{"recipient":"Ünal"}';
const HEADER = { type: 'header', format: 'preloop.audit.export', v: 1, keys: [{ id: key, public: raw.toString('hex') }] };

/** Three records of one chain, signed and ended; the second with its arguments. */
function exported({ change = (lines: string[]) => lines, header = HEADER as object, predecessors = [] as object[], first = 1 } = {}): string {
  let prev = '0'.repeat(64);
  const lines = [JSON.stringify(header)];
  const commitments = { args: sha256(Buffer.concat([Buffer.of(0), Buffer.from(SALT, 'hex'), Buffer.from(CONTENT)])) };
  const payloads = [{ kind: 'args', content: 'exact', size: 20, salt: SALT, text: CONTENT }];
  for (let seq = first; seq <= 3; ++seq) {
    const record = JSON.stringify({
      v: 1,
      chain: 'c',
      seq,
      prev,
      kind: seq === 1 ? 'chain.opened' : 'call.decided',
      note: 'ü,"payloads":[',
      ...(seq === 1 ? { details: { predecessors } } : {}),
      ...(seq === 2 ? { commitments } : {}),
    });
    lines.push(`{"type":"record","record":${record}${seq === 2 ? `,"payloads":${JSON.stringify(payloads)}` : ''}}`);
    prev = sha256(`preloop.audit.v1\n${record}`);
  }
  lines.push(head({ seq: 3, hash: prev }));
  const kept = change(lines);
  const digest = sha256(`${kept.join('\n')}\n`);
  const end = { type: 'end', lines: kept.length, sha256: digest, key, signature: signed(`preloop.audit.export.v1\n${kept.length}\n${digest}\n`) };
  return `${[...kept, JSON.stringify(end)].join('\n')}\n`;
}

function head(some: object): string {
  const whole = { purpose: 'head', origin: 'o', account: 'a', chain: 'c', seq: 0, hash: '0'.repeat(64), at: '2026-01-01T00:00:00Z', ...some };
  return JSON.stringify({ type: 'head', ...whole, key, signature: signed(headText(whole)) });
}

test('what was not touched is intact', async () => {
  const report = await verifyExport(exported());
  assert.deepEqual({ ...report, keys: report.keys.length }, { verdict: 'intact', records: 3, heads: 1, chains: 1, contents: 1, masked: 0, keys: 1, findings: [] });
});

test('a changed, a missing and a cut record are found', async () => {
  const changed = await verifyExport(exported({ change: (lines) => lines.with(2, (lines[2] ?? '').replace('decided', 'allowed')) }));
  assert.equal(changed.verdict, 'tampered');
  const beheaded = await verifyExport(exported({ first: 2 }));
  assert.equal(beheaded.verdict, 'incomplete');
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

test('contents that are not those of the record are found, masked ones are counted', async () => {
  const other = await verifyExport(exported({ change: (lines) => lines.map((line) => line.replace('Ünal', 'Unal')) }));
  assert.deepEqual([other.verdict, other.findings], ['tampered', ['The args of record 2 are not those it commits to.']]);
  const masked = await verifyExport(exported({ change: (lines) => lines.map((line) => line.replace('"exact"', '"redacted"')) }));
  assert.deepEqual([masked.verdict, masked.contents, masked.masked], ['intact', 0, 1]);
  const foreign = await verifyExport(exported({ change: (lines) => lines.map((line) => line.replace('"kind":"args"', '"kind":"result"')) }));
  assert.equal(foreign.verdict, 'tampered');
});

test('a chain names where the one before it ended', async () => {
  const predecessors = [{ chain: 'p', seq: 7, hash: 'ab'.repeat(32) }];
  const cut = await verifyExport(exported({ predecessors }));
  assert.deepEqual([cut.verdict, cut.findings], ['incomplete', ['Record 7, which the chain that follows it names, is missing.']]);
  const deleted = await verifyExport(exported({ predecessors, change: (lines) => lines.toSpliced(1, 0, head({ purpose: 'retention', chain: 'p', seq: 7 })) }));
  assert.equal(deleted.verdict, 'intact');
});

test('a rotated key counts when the one before it endorses it', async () => {
  const next = generateKeyPairSync('ed25519').publicKey.export({ format: 'der', type: 'spki' }).subarray(-32);
  const rotated = { id: sha256(next).slice(0, 16), public: next.toString('hex'), endorsed_by: key, endorsement: signed(`preloop.audit.key.v1\n${next.toString('hex')}\n`) };
  assert.equal((await verifyExport(exported({ header: { ...HEADER, keys: [...HEADER.keys, rotated] } }))).verdict, 'intact');
  const forged = { ...rotated, endorsement: signed('something else') };
  assert.equal((await verifyExport(exported({ header: { ...HEADER, keys: [...HEADER.keys, forged] } }))).verdict, 'tampered');
  assert.equal((await verifyExport(exported({ header: { ...HEADER, keys: [{ ...HEADER.keys[0], id: 'f'.repeat(16) }] } }))).verdict, 'tampered');
});
