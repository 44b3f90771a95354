import assert from 'node:assert/strict';
import { test } from 'node:test';
import { placeOf } from './text_place.ts';

test('line and column become an offset that is inside the text', () => {
  const text = 'ab\ncde\n\nf';
  assert.equal(placeOf(text, 1, 1), 0);
  assert.equal(placeOf(text, 2, 3), 5);
  assert.equal(placeOf(text, 2, 99), 6);
  assert.equal(placeOf(text, 3, 1), 7);
  assert.equal(placeOf(text, 9, 1), text.length);
});

test('a column counts characters, not halves of them', () => {
  assert.equal(placeOf('a\n😀b', 2, 2), 4);
});
