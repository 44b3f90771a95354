import assert from 'node:assert/strict';
import { test } from 'node:test';
import { countdown, duration, relativeTime } from './time.ts';

test('relative times', () => {
  const now = Date.parse('2026-11-20T12:00:00Z');
  assert.equal(relativeTime(now - 3_000, now), 'just now');
  assert.equal(relativeTime(now - 42_000, now), '42 s ago');
  assert.equal(relativeTime(now + 5 * 60_000, now), 'in 5 min');
  assert.equal(relativeTime(now - 3 * 3_600_000, now), '3 h ago');
  assert.equal(relativeTime(now - 2 * 86_400_000, now), '2 d ago');
});

test('a countdown ends at nought', () => {
  assert.equal(countdown(299_400, 0), '5:00');
  assert.equal(countdown(61_000, 0), '1:01');
  assert.equal(countdown(3_723_000, 0), '1:02:03');
  assert.equal(countdown(0, 5_000), '0:00');
});

test('durations', () => {
  assert.deepEqual([60, 300, 3600, 90, 86400, 1].map(duration), ['1 minute', '5 minutes', '1 hour', '90 seconds', '1 day', '1 second']);
});
