import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ExactNumber } from './exact_json.ts';
import { jsonRows, jsonText } from './json_rows.ts';

test('one line a value, in order, with closing brackets', () => {
  const rows = jsonRows({ a: 1, b: [true, null], 'c/d': {} }, () => true);
  assert.deepEqual(
    rows.map((row) => [row.depth, row.name ?? row.index ?? '', row.kind, row.text ?? row.size]),
    [
      [0, '', 'object', 3],
      [1, 'a', 'number', '1'],
      [1, 'b', 'array', 2],
      [2, 0, 'boolean', 'true'],
      [2, 1, 'null', 'null'],
      [1, '', 'end', ']'],
      [1, 'c/d', 'object', 0],
      [0, '', 'end', '}'],
    ],
  );
  assert.equal(rows[6]?.path, '$/c~1d');
});

test('what is closed costs one line', () => {
  assert.equal(jsonRows({ a: Array.from({ length: 100_000 }, () => 0) }, (path) => path === '$').length, 3);
});

test('nesting of ten thousand is no problem', () => {
  let deep: unknown = 'bottom';
  for (let n = 0; n < 10_000; ++n) deep = [deep];
  const rows = jsonRows(deep, () => true);
  assert.equal(rows.length, 20_001);
  assert.equal(rows[10_000]?.text, 'bottom');
});

test('copying gives what was sent', { skip: !('rawJSON' in JSON) }, () => {
  assert.equal(jsonText({ n: new ExactNumber('12345678901234567890') }), '{\n  "n": 12345678901234567890\n}');
});
