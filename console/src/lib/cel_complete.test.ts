import assert from 'node:assert/strict';
import { test } from 'node:test';
import { complete, type Language } from './cel_complete.ts';

const SCHEMA = {
  type: 'object',
  required: ['amount'],
  properties: {
    amount: { type: 'number', description: 'In euro' },
    to: { type: 'string' },
    execution: { type: 'object', properties: { kind: { enum: ['standard', 'instant'] } } },
  },
};
const LANGUAGE: Language = {
  names: [
    { name: 'agent', type: 'object' },
    { name: 'agent.name', type: 'string' },
    { name: 'agent.tags', type: 'list(string)' },
    { name: 'now', type: 'timestamp' },
  ],
  functions: [
    { name: 'startsWith', library: 'strings', style: 'member', signatures: '(string, string) -> bool', summary: 'Begins with it' },
    { name: 'duration', library: 'types', style: 'global', signatures: '(string) -> duration', summary: 'A length of time' },
    { name: 'size', library: 'types', style: 'either', signatures: '(string) -> int; (list(A)) -> int', summary: 'How much' },
  ],
};
const at = (source: string) => complete(source, source.length, SCHEMA, LANGUAGE);
const labels = (source: string) => at(source)?.options.map(({ label }) => label);

test('behind args. come the fields of the schema, required or not', () => {
  const found = at('args.am');
  assert.equal(found?.from, 5);
  assert.deepEqual(found?.options.map(({ label, detail }) => `${label}: ${detail}`), [
    'amount: number', 'to: string, may be absent', 'execution: object, may be absent',
  ]);
});

test('a nested field, and what a string can be asked', () => {
  assert.deepEqual(labels('args.execution.'), ['kind']);
  assert.deepEqual(labels('args.to.'), ['startsWith', 'size']);
});

test('values come from the enum, quoted', () => {
  assert.deepEqual(labels('args.execution.kind == '), ["'standard'", "'instant'"]);
  const half = at("args.amount > 1 && args.execution.kind == 'ins");
  assert.equal(half?.from, "args.amount > 1 && args.execution.kind == ".length);
  assert.deepEqual(labels("args.execution.kind in ['standard', "), ["'standard'", "'instant'"]);
});

test('names and functions where a word begins, and members of the other variables', () => {
  assert.deepEqual(labels(''), ['args', 'agent', 'now', 'has', 'duration', 'size']);
  assert.deepEqual(labels('args.amount > 1 && ag'), ['args', 'agent', 'now', 'has', 'duration', 'size']);
  assert.deepEqual(labels('agent.'), ['name', 'tags']);
  assert.ok(labels('agent.tags.')?.includes('exists'));
});

test('nothing inside of text and comments', () => {
  assert.equal(at("args.to == 'ar"), undefined);
  assert.equal(at('true // ar'), undefined);
});
