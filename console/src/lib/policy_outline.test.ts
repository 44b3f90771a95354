import assert from 'node:assert/strict';
import { test } from 'node:test';
import { policyOutline } from './policy_outline.ts';

test('sections with their lines and counts', () => {
  const document = `version: 2
metadata: {name: production}
rules:
  # small ones
  - {tool: pay, action: allow}
  - tool: pay
    action: deny
scopes:
  agents:
    ci: {rules: []}
  keys: {}
`;
  assert.deepEqual(policyOutline(document), [
    { name: 'version', line: 1, count: undefined },
    { name: 'metadata', line: 2, count: undefined },
    { name: 'rules', line: 3, count: 2 },
    { name: 'scopes', line: 8, count: 2 },
  ]);
});

test('nothing in nothing', () => {
  assert.deepEqual(policyOutline(''), []);
});
