import assert from 'node:assert/strict';
import { test } from 'node:test';
import { effectWords, moved, splitAt } from './rule_words.ts';

test('a rule in words says what happens when its condition fails', () => {
  assert.match(effectWords({ action: 'allow', when: 'args.a < 1' }, 'pay'), /without asking anybody\. If the condition cannot/);
  assert.match(effectWords({ action: 'deny', message: 'no' }, 'pay'), /^Every call of pay is refused, and the agent reads/);
  assert.match(effectWords({ action: 'require_approval', workflow: 'finance' }, 'pay'), /“finance” has approved/);
  assert.match(effectWords({ action: 'deny', enabled: false }, 'pay'), /Switched off/);
});

test('the place of a problem, in code points', () => {
  assert.deepEqual(splitAt('😀 b', { message: '', line: 1, column: 3 }), { before: '😀 ', at: 'b', after: '' });
  assert.deepEqual(splitAt('a <', { message: '', line: 1, column: 9 }), { before: 'a <', at: '', after: '' });
  assert.equal(splitAt('a', { message: '' }), undefined);
});

test('a rule is moved to another place, and not over the edge', () => {
  assert.deepEqual(moved(['a', 'b', 'c'], 1, 0), ['b', 'a', 'c']);
  assert.deepEqual(moved(['a', 'b', 'c'], 0, 2), ['b', 'c', 'a']);
  assert.deepEqual(moved(['a', 'b', 'c'], 2, 3), ['a', 'b', 'c']);
});
