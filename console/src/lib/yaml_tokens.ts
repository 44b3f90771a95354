export type YamlToken = 'key' | 'string' | 'number' | 'keyword' | 'comment' | 'operator';

/**
 * The token at the beginning of `text`, for its colour alone: lines, flow style and plain scalars as
 * policies have them. A scalar over several lines has no colour.
 */
export function yamlToken(text: string): { length: number; token: YamlToken | undefined } {
  const found =
    match(text, /^\s+/, undefined) ??
    match(text, /^#.*/, 'comment') ??
    match(text, /^(?:"(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|[^\s"'#{}[\],:&*!|>-][^#{}[\],:]*)(?=\s*:(?:\s|$))/, 'key') ??
    match(text, /^(?:"(?:[^"\\]|\\.)*"|'(?:[^']|'')*')/, 'string') ??
    match(text, /^-?\d+(?:\.\d+)?(?=\s*(?:[,}\]#]|$))/, 'number') ??
    match(text, /^(?:true|false|null|allow|deny|require_approval|observe)(?=\s*(?:[,}\]#]|$))/, 'keyword') ??
    match(text, /^[-[\]{},:]/, 'operator') ??
    match(text, /^[^\s,{}[\]#]+/, undefined);
  return found ?? { length: 1, token: undefined };
}

function match(text: string, pattern: RegExp, token: YamlToken | undefined) {
  const length = pattern.exec(text)?.[0].length ?? 0;
  return length > 0 ? { length, token } : undefined;
}
