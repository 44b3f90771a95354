/** What a piece of a condition is, for its colour. */
export type CelToken = 'string' | 'number' | 'keyword' | 'name' | 'function' | 'operator' | 'comment' | 'invalid';

interface Rule {
  pattern: RegExp;
  token: CelToken;
}

// In the order in which they are tried. Strings may be raw or bytes, and end with their line.
const RULES: readonly Rule[] = [
  { pattern: /^\/\/.*/, token: 'comment' },
  { pattern: /^(?:[rR]?[bB]?|[bB][rR])(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')/, token: 'string' },
  { pattern: /^(?:[rR]?[bB]?|[bB][rR])["'].*/, token: 'invalid' },
  { pattern: /^(?:0[xX][\da-fA-F]+|\d+(?:\.\d+)?(?:[eE][-+]?\d+)?|\.\d+(?:[eE][-+]?\d+)?)[uU]?/, token: 'number' },
  { pattern: /^(?:true|false|null|in)\b/, token: 'keyword' },
  { pattern: /^[A-Za-z_]\w*(?=\s*\()/, token: 'function' },
  { pattern: /^[A-Za-z_]\w*/, token: 'name' },
  { pattern: /^(?:&&|\|\||[=!<>]=|[-+*/%<>!?:])/, token: 'operator' },
];

/** The token at the beginning of `text`, and how long it is; without a token: space and brackets. */
export function celToken(text: string): { length: number; token: CelToken | undefined } {
  for (const { pattern, token } of RULES) {
    const found = pattern.exec(text);
    if (found) return { length: found[0].length, token };
  }
  return { length: 1, token: undefined };
}
