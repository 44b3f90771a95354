import assert from 'node:assert/strict';
import { test } from 'node:test';
import { callState, decisionWords, deedWords, timeline, tookWords, type AuditLine } from './record_words.ts';

let seq = 0;
function record(kind: string, more: Partial<AuditLine> = {}): AuditLine {
  seq += 1;
  return { id: `r${seq}`, chain: 'c', seq, at: new Date(seq * 1000).toISOString(), kind, actor: { class: 'agent', name: 'claude' }, ...more };
}

test('a call is one item where it began, whatever came of it and in between', () => {
  const oldestFirst = [
    record('call.decided', { call: 'a', tool: 'pay', server: 'bank', decision: { action: 'require_approval' } }),
    record('config.policy_applied', { actor: { class: 'person', name: 'Ana' } }),
    record('call.decided', { call: 'b', tool: 'pay', decision: { action: 'deny' } }),
    record('approval.voted', { call: 'a', actor: { class: 'person', name: 'Bo' } }),
    record('approval.approved', { call: 'a', actor: { class: 'person', name: 'Bo' } }),
    record('call.completed', { call: 'a', details: { outcome: 'succeeded' } }),
  ];
  const items = timeline(oldestFirst.toReversed());
  assert.deepEqual(
    items.map((item) => (item.type === 'call' ? `${item.call.call} ${item.call.state}` : item.record.kind)),
    ['b deny', 'config.policy_applied', 'a succeeded'],
  );
  const first = items[2];
  assert.ok(first?.type === 'call');
  assert.deepEqual(first.call.people, ['Bo']);
  assert.equal(first.call.agent, 'claude');
});

test('where a call is', () => {
  const held = record('call.decided', { decision: { action: 'require_approval' } });
  assert.equal(callState([held]), 'pending');
  assert.equal(callState([held, record('approval.declined')]), 'declined');
  assert.equal(callState([held, record('call.dispatched')]), 'executing');
  assert.equal(callState([held, record('call.completed', { details: { outcome: 'tool_error' } })]), 'failed');
});

test('words', () => {
  assert.equal(decisionWords({ action: 'deny', rule: 'account rule 1 (pay)', reason: 'rule' }), 'account rule 1 (pay)');
  assert.match(decisionWords({ action: 'allow', reason: 'no_match' }), /default/);
  assert.equal(deedWords('something.new'), 'something.new');
  assert.equal(tookWords(1_234), '1.2 s');
});
