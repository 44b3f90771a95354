import assert from 'node:assert/strict';
import { test } from 'node:test';
import { celToken } from './cel_tokens.ts';

function tokens(text: string): string[] {
  const out: string[] = [];
  for (let rest = text; rest !== ''; ) {
    const { length, token } = celToken(rest);
    if (token) out.push(`${token} ${rest.slice(0, length)}`);
    rest = rest.slice(length);
  }
  return out;
}

test('a condition falls into its parts', () => {
  assert.deepEqual(tokens(`args.amount <= 1e3 && !args.to.endsWith('@a.com')`), [
    'name args', 'name amount', 'operator <=', 'number 1e3', 'operator &&', 'operator !',
    'name args', 'name to', 'function endsWith', `string '@a.com'`,
  ]);
});

test('strings of each kind, and one without its end', () => {
  assert.deepEqual(tokens(`r'\\d' b"a" "x\\"y"`), [`string r'\\d'`, 'string b"a"', 'string "x\\"y"']);
  assert.deepEqual(tokens(`'open`), [`invalid 'open`]);
});

test('words, numbers and comments', () => {
  assert.deepEqual(tokens('x in [true, 0x1F, 5u] // why'), [
    'name x', 'keyword in', 'keyword true', 'number 0x1F', 'number 5u', 'comment // why',
  ]);
  assert.deepEqual(tokens('inner'), ['name inner']);
});
