import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EventParser, type ServerEvent } from './sse.ts';

function parse(pieces: string[]): { events: ServerEvent[]; retries: number[] } {
  const events: ServerEvent[] = [];
  const retries: number[] = [];
  const parser = new EventParser((event) => events.push(event), (ms) => retries.push(ms));
  for (const piece of pieces) parser.push(piece);
  return { events, retries };
}

test('events, wherever the pieces are cut', () => {
  const text = 'retry: 2000\n\n:\n\nid: 7\nevent: approval.created\ndata: {"a":1}\n\nid: 8\ndata: x\ndata: y\n\n';
  const whole = parse([text]);
  assert.deepEqual(whole.events, [
    { id: '7', type: 'approval.created', data: '{"a":1}' },
    { id: '8', type: 'message', data: 'x\ny' },
  ]);
  assert.deepEqual(whole.retries, [2000]);
  assert.deepEqual(parse([...text]), whole);
  assert.deepEqual(parse([text.replaceAll('\n', '\r\n')]), whole);
});

test('an event that was not finished is none', () => {
  assert.deepEqual(parse(['id: 1\ndata: x\n']).events, []);
});
