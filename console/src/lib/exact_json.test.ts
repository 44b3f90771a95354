import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ExactNumber, parseExact } from './exact_json.ts';

test('numbers that fit are numbers', () => {
  assert.deepEqual(parseExact('{"a":1,"b":[1.50,1e2,-0.1,0,100]}'), { a: 1, b: [1.5, 100, -0.1, 0, 100] });
});

test('numbers that would be rounded stay as they were written', { skip: !('rawJSON' in JSON) }, () => {
  for (const source of ['12345678901234567890', '0.1234567890123456789', '1e999', '9007199254740993']) {
    const value = (parseExact(`[${source}]`) as unknown[])[0];
    assert.ok(value instanceof ExactNumber, source);
    assert.equal(value.source, source);
  }
});
