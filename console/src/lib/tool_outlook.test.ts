import assert from 'node:assert/strict';
import { test } from 'node:test';
import { contextCost, isShown, shortCount, type Outlook, type OutlookTool } from './tool_outlook.ts';

const TOOL: OutlookTool = { id: 'a', server_id: 's', enabled: true, pin: 'accepted', schema_problem: '', context_tokens: 120 };
const OPEN: Outlook = { outcome: 'depends', isAvailable: true };

test('each figure of the strip counts what its words say', () => {
  assert.ok(isShown(TOOL, OPEN, 'available'));
  assert.ok(!isShown(TOOL, { ...OPEN, isAvailable: false }, 'available'));
  assert.ok(isShown(TOOL, OPEN, 'depends'));
  assert.ok(!isShown(TOOL, OPEN, 'allow'));
  assert.ok(isShown({ ...TOOL, pin: 'changed' }, OPEN, 'quarantined'));
  assert.ok(isShown({ ...TOOL, pin: 'changed' }, OPEN, 'changed'));
  assert.ok(!isShown({ ...TOOL, pin: 'new_tool' }, OPEN, 'changed'));
});

test('only what agents are told costs them anything', () => {
  const other = { ...TOOL, id: 'b', context_tokens: 50 };
  assert.equal(contextCost([TOOL, other], new Map([['a', OPEN], ['b', { ...OPEN, isAvailable: false }]])), 120);
});

test('large counts are short', () => {
  assert.deepEqual([7, 999, 1_000, 1_240, 9_960, 18_400].map(shortCount), ['7', '999', '1k', '1.2k', '10k', '18k']);
});
