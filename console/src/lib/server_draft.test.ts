import assert from 'node:assert/strict';
import { test } from 'node:test';
import { configOf, draftOf, EMPTY_DRAFT, type Config } from './server_draft.ts';

test('a configuration that nobody changed stays what it is', () => {
  const http: Config = {
    name: 'bank',
    transport: 'streamable_http',
    url: 'https://bank.example/mcp?tenant=a:b',
    auth: { type: 'bearer', token: 'secret:bank' },
    headers: { 'X-Tenant': 'a:b', 'X-Mode': 'secret:mode' },
    call_timeout: 90,
  };
  assert.deepEqual(configOf(draftOf(http)), http);
  const stdio: Config = { name: 'files', transport: 'stdio', command: 'npx', args: ['-y', 'a b', '--x= 1'], env: { LOG: ' quiet=1 ' } };
  assert.deepEqual(configOf(draftOf(stdio)), stdio);
});

test('what belongs to the other transport is left out', () => {
  const draft = { ...EMPTY_DRAFT, name: ' files ', url: 'https://x', auth: 'bearer', secret: 'secret:a', headers: 'X: y', command: ' npx ', args: 'a\n\nb', env: 'A=1\nB' } as const;
  assert.deepEqual(configOf({ ...draft, transport: 'stdio' }), { name: 'files', transport: 'stdio', command: 'npx', args: ['a', 'b'], env: { A: '1', B: '' } });
  assert.deepEqual(configOf({ ...draft, transport: 'streamable_http' }), {
    name: 'files',
    transport: 'streamable_http',
    url: 'https://x',
    auth: { type: 'bearer', token: 'secret:a' },
    headers: { X: 'y' },
  });
});
