// The fixture alone: a fault of the reference must not be booked on us.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { HttpFixture } from './support/fixture.mjs';
import { checkCell } from './support/cells.mjs';

describe('the fixture, directly', () => {
  let fixture;
  before(async () => (fixture = await HttpFixture.start()));
  after(() => fixture.close());

  test('2025-11-25', async () => {
    const found = await checkCell('direct/2025-11-25', fixture.url, '2025-11-25');
    assert.equal(Object.keys(found.scenarios).length, 30);
  });
  test('2026-07-28', async () => {
    const found = await checkCell('direct/2026-07-28', fixture.url, '2026-07-28');
    assert.equal(Object.keys(found.scenarios).length, 37);
  });
});
