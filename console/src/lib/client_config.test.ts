import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clientConfigs } from './client_config.ts';

test('every client gets address and key, in a form that it reads', () => {
  const all = clientConfigs('https://preloop.example.com', 'pla_1');
  for (const { text } of all) {
    assert.ok(text.includes('https://preloop.example.com/mcp/v1'), text);
    assert.ok(text.includes('pla_1'), text);
  }
  const claude = all.find(({ id }) => id === 'claude-code');
  const [, json] = /'(.*)'$/.exec(claude?.text ?? '') ?? [];
  assert.deepEqual(JSON.parse(json ?? ''), {
    type: 'http',
    url: 'https://preloop.example.com/mcp/v1',
    timeout: 3_600_000,
    headers: { Authorization: 'Bearer pla_1' },
  });
  for (const id of ['gemini', 'opencode', 'openclaw']) {
    assert.doesNotThrow(() => JSON.parse(all.find((one) => one.id === id)?.text ?? ''));
  }
});
