import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sampleArguments } from './sample_arguments.ts';

const of = (schema: unknown) => JSON.parse(sampleArguments(schema)) as unknown;

test('what is required, within its limits', () => {
  assert.deepEqual(
    of({
      type: 'object',
      required: ['to', 'amount', 'kind', 'lines'],
      properties: {
        to: { type: 'string', format: 'email' },
        amount: { type: 'number', exclusiveMinimum: 0 },
        kind: { enum: ['a', 'b'] },
        lines: { type: 'array', minItems: 1, items: { type: 'integer', minimum: 7 } },
        note: { type: 'string' },
      },
    }),
    { to: 'ana@example.com', amount: 1, kind: 'a', lines: [7] },
  );
});

test('without required ones something is there all the same', () => {
  assert.deepEqual(of({ properties: { q: { type: 'string', maxLength: 2 }, deep: { type: 'object' } } }), { q: 'te' });
  assert.deepEqual(of({ type: 'object' }), {});
  assert.deepEqual(of(undefined), {});
});
