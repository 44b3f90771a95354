/**
 * Text from elsewhere, made safe to read: what is invisible, or changes how its neighbours are
 * shown, becomes a visible escape. Bidirectional controls can show `pay 10` as `01 yap`, zero-width
 * characters hide words in words, ANSI sequences colour a terminal.
 */
export interface TextPart {
  text: string;
  /** Set when `text` stands for a character that must not be shown as itself. */
  escape?: string;
}

const NAMES: Record<number, string> = {
  0x00: 'null',
  0x07: 'bell',
  0x08: 'backspace',
  0x09: 'tab',
  0x0a: 'line feed',
  0x0d: 'carriage return',
  0x1b: 'escape (starts terminal commands)',
  0x7f: 'delete',
  0x85: 'next line',
  0xa0: 'no-break space',
  0xad: 'soft hyphen',
  0x034f: 'combining grapheme joiner',
  0x061c: 'arabic letter mark',
  0x180e: 'mongolian vowel separator',
  0x200b: 'zero width space',
  0x200c: 'zero width non-joiner',
  0x200d: 'zero width joiner',
  0x200e: 'left-to-right mark',
  0x200f: 'right-to-left mark',
  0x2028: 'line separator',
  0x2029: 'paragraph separator',
  0x202a: 'left-to-right embedding',
  0x202b: 'right-to-left embedding',
  0x202c: 'pop directional formatting',
  0x202d: 'left-to-right override',
  0x202e: 'right-to-left override',
  0x2060: 'word joiner',
  0x2066: 'left-to-right isolate',
  0x2067: 'right-to-left isolate',
  0x2068: 'first strong isolate',
  0x2069: 'pop directional isolate',
  0xfeff: 'zero width no-break space',
};

// Controls, format characters (bidi, zero width, tags), unpaired surrogates, private use, unusual
// spaces and separators, fillers that look empty, variation selectors that no emoji uses.
const HIDDEN =
  /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\u00a0\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\u3164\ufe00-\ufe0e\uffa0\u{e0100}-\u{e01ef}]/gu;

function describe(code: number): string {
  const point = `U+${code.toString(16).toUpperCase().padStart(4, '0')}`;
  return NAMES[code] ? `${point} ${NAMES[code]}` : point;
}

function label(code: number): string {
  switch (code) {
    case 0x09:
      return '⇥';
    case 0x0a:
      return '⏎';
    case 0x0d:
      return '␍';
    case 0x1b:
      return 'ESC';
    default:
      return `U+${code.toString(16).toUpperCase().padStart(4, '0')}`;
  }
}

/** `keepLines`: line feeds and tabs stay, for text that is shown on several lines. */
export function safeParts(text: string, keepLines = false): TextPart[] {
  const parts: TextPart[] = [];
  let from = 0;
  for (const match of text.matchAll(HIDDEN)) {
    const code = match[0].codePointAt(0) ?? 0;
    if (keepLines && (code === 0x0a || code === 0x09)) continue;
    if (match.index > from) parts.push({ text: text.slice(from, match.index) });
    parts.push({ text: label(code), escape: describe(code) });
    from = match.index + match[0].length;
  }
  if (from < text.length) parts.push({ text: text.slice(from) });
  return parts;
}

/** One string, for attributes, titles and announcements. */
export function safeString(text: string): string {
  return safeParts(text)
    .map((part) => (part.escape ? `\\u{${part.escape.slice(2).split(' ')[0]}}` : part.text))
    .join('');
}

/** Is there anything that a reader would not see? */
export function hidesSomething(text: string): boolean {
  HIDDEN.lastIndex = 0;
  for (const match of text.matchAll(HIDDEN)) {
    if (match[0] !== '\n' && match[0] !== '\t') return true;
  }
  return false;
}

/** Pieces of at most `size` UTF-16 units that do not cut a character in two. */
export function chunks(text: string, size: number): string[] {
  const out: string[] = [];
  for (let from = 0; from < text.length; ) {
    let end = Math.min(from + size, text.length);
    const last = text.charCodeAt(end - 1);
    if (end < text.length && last >= 0xd800 && last <= 0xdbff) --end;
    if (end === from) end = from + 1;
    out.push(text.slice(from, end));
    from = end;
  }
  return out;
}
