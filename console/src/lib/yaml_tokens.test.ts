import assert from 'node:assert/strict';
import { test } from 'node:test';
import { yamlToken } from './yaml_tokens.ts';

function tokens(text: string): string[] {
  const out: string[] = [];
  for (let rest = text; rest !== ''; ) {
    const { length, token } = yamlToken(rest);
    assert.ok(length > 0);
    if (token && token !== 'operator') out.push(`${token} ${rest.slice(0, length)}`);
    rest = rest.slice(length);
  }
  return out;
}

test('a rule on one line', () => {
  assert.deepEqual(tokens(`  - {tool: bank/pay, when: "args.amount <= 100", action: allow}  # small`), [
    'key tool', 'key when', 'string "args.amount <= 100"', 'key action', 'keyword allow', 'comment # small',
  ]);
});

test('a section and a number', () => {
  assert.deepEqual(tokens('version: 2'), ['key version', 'number 2']);
  assert.deepEqual(tokens('"a key": true'), ['key "a key"', 'keyword true']);
});
