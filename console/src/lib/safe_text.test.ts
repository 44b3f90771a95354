import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chunks, hidesSomething, safeParts, safeString } from './safe_text.ts';

test('plain text of every script stays as it is', () => {
  for (const text of ['', 'pay 10 to Ana', 'שלום', '支払い', 'façade 🚀']) {
    assert.deepEqual(safeParts(text), text ? [{ text }] : []);
  }
});

test('what cannot be seen becomes visible, with its name', () => {
  assert.deepEqual(safeParts('a\u202eb'), [
    { text: 'a' },
    { text: 'U+202E', escape: 'U+202E right-to-left override' },
    { text: 'b' },
  ]);
  for (const hidden of ['\u200b', '\u2066', '\u0000', '\u001b', '\ufeff', '\u{e0041}', '\u3164', '\ud800', '\u00ad']) {
    const [part] = safeParts(hidden);
    assert.ok(part?.escape, JSON.stringify(hidden));
    assert.ok(hidesSomething(`x${hidden}`), JSON.stringify(hidden));
  }
  assert.equal(safeString('a\u202e\u001b[31m'), 'a\\u{202E}\\u{001B}[31m');
});

test('line feeds stay only where lines are shown', () => {
  assert.equal(safeParts('a\nb')[1]?.text, '⏎');
  assert.deepEqual(safeParts('a\n\tb', true), [{ text: 'a\n\tb' }]);
  assert.equal(hidesSomething('a\nb'), false);
});

test('a megabyte is split without cutting a character', () => {
  const text = '🚀'.repeat(300_000);
  const pieces = chunks(text, 4095);
  assert.equal(pieces.join(''), text);
  assert.ok(pieces.every((piece) => piece.length <= 4095 && !/^[\udc00-\udfff]/.test(piece)));
});
