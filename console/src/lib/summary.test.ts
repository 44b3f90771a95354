import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ExactNumber } from './exact_json.ts';
import { summaryOf } from './summary.ts';

test('arguments in a line', () => {
  assert.equal(summaryOf({ recipient: 'Ana', amount: 150 }), 'recipient: Ana, amount: 150');
  assert.equal(summaryOf({ n: new ExactNumber('1e999'), list: [1, 2], more: { a: 1 }, no: null }), 'n: 1e999, list: [2], more: {…}, no: null');
  assert.equal(summaryOf({}), '');
  assert.equal(summaryOf('plain'), 'plain');
  assert.ok(summaryOf({ text: 'x'.repeat(1_000_000) }).length <= 121);
});
