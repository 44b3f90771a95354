import assert from 'node:assert/strict';
import { test } from 'node:test';
import { schemaRows } from './schema_rows.ts';

test('arguments with their types and limits, nested ones behind their parent', () => {
  const rows = schemaRows({
    type: 'object',
    required: ['amount'],
    properties: {
      amount: { type: 'number', minimum: 1, description: 'Euro' },
      to: { type: 'object', properties: { iban: { type: 'string', pattern: '^AT' } } },
      tags: { type: 'array', items: { type: 'string' } },
      kind: { enum: ['a', 'b'] },
    },
  });
  assert.deepEqual(
    rows.map(({ name, depth, type, isRequired, limits }) => [name, depth, type, isRequired, limits.join()]),
    [
      ['amount', 0, 'number', true, 'at least 1'],
      ['to', 0, 'object', false, ''],
      ['iban', 1, 'string', false, 'pattern ^AT'],
      ['tags', 0, 'list of string', false, ''],
      ['kind', 0, 'value', false, 'one of "a", "b"'],
    ],
  );
});

test('what is no schema has no rows', () => {
  for (const odd of [null, 7, 'x', [], { properties: 3 }, { properties: { a: null } }]) {
    assert.ok(schemaRows(odd).length <= 1);
  }
});
