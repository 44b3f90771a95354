import assert from 'node:assert/strict';
import { test } from 'node:test';
import { placeText, readPlace, ruleLine } from './policy_place.ts';

const DOCUMENT = `version: 2
metadata: {name: rules}
rules:
  - {tool: pay, when: "args.amount <= 100", action: allow}
  - {tool: "*", action: require_approval}
scopes:
  agents:
    ci:
      rules: []
    "a b":
      rules:
        - {tool: pay, action: deny}
        - {tool: "*", action: deny}
  keys:
    nightly:
      rules:
        - {tool: x, action: deny}
defaults: {no_match: allow}
`;

test('a rule is found by its list and its place in it', () => {
  const line = (text: string) => {
    const place = readPlace(text);
    assert.ok(place);
    assert.equal(placeText(place), text);
    const number = ruleLine(DOCUMENT, place);
    return number === undefined ? undefined : DOCUMENT.split('\n')[number - 1]?.trim();
  };
  assert.equal(line('account:2'), '- {tool: "*", action: require_approval}');
  assert.equal(line('agent:a b:2'), '- {tool: "*", action: deny}');
  assert.equal(line('key:nightly:1'), '- {tool: x, action: deny}');
  for (const missing of ['account:3', 'agent:ci:1', 'agent:nobody:1', 'key:nightly:2']) assert.equal(line(missing), undefined, missing);
});

test('what is no place is none', () => {
  for (const text of ['', 'account', 'agent:1', 'other:x:1', 'account:x']) assert.equal(readPlace(text), undefined, text);
});
