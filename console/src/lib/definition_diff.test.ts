import assert from 'node:assert/strict';
import { test } from 'node:test';
import { definitionDiff, wordDiff } from './definition_diff.ts';

test('each place is told by its path', () => {
  assert.deepEqual(
    definitionDiff(
      { name: 'pay', inputSchema: { properties: { amount: { maximum: 100 } } } },
      { name: 'pay', inputSchema: { properties: { amount: { maximum: 1000 }, bcc: { type: 'string' } } }, title: 'Pay' },
    ),
    [
      { path: 'inputSchema.properties.amount.maximum', was: '100', is: '1000' },
      { path: 'inputSchema.properties.bcc', is: '{\n  "type": "string"\n}' },
      { path: 'title', is: 'Pay' },
    ],
  );
});

test('a slipped-in sentence is the only thing marked', () => {
  assert.deepEqual(wordDiff('Transfers money now.', 'Transfers money at once now.'), [
    { text: 'Transfers money ', side: 'both' },
    { text: 'at once ', side: 'is' },
    { text: 'now.', side: 'both' },
  ]);
  assert.deepEqual(wordDiff('a b c', 'a x c'), [
    { text: 'a ', side: 'both' },
    { text: 'b ', side: 'was' },
    { text: 'x ', side: 'is' },
    { text: 'c', side: 'both' },
  ]);
  assert.deepEqual(wordDiff('', 'new'), [{ text: 'new', side: 'is' }]);
});

test('large texts cost no more than one block', () => {
  const was = Array.from({ length: 2_000 }, (_, n) => `a${n}`).join(' ');
  const is = Array.from({ length: 2_000 }, (_, n) => `b${n}`).join(' ');
  assert.deepEqual(wordDiff(was, is).map(({ side }) => side), ['was', 'is']);
});
