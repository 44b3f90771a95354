import assert from 'node:assert/strict';
import { test } from 'node:test';
import { unitOf } from './span.ts';

test('the largest unit that fits', () => {
  assert.deepEqual([0, 45, 90, 300, 5_400, 7_200, 172_800].map(unitOf), ['seconds', 'seconds', 'seconds', 'minutes', 'minutes', 'hours', 'days']);
});
