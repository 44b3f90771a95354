import { ExactNumber } from './exact_json.ts';

/** A value in one line, cut at about `most` characters: `recipient: Ana, amount: 150`. */
export function summaryOf(value: unknown, most = 120): string {
  const cut = (text: string) => (text.length > most ? `${text.slice(0, most).trimEnd()}…` : text);
  if (!isObject(value)) return cut(scalar(value));
  const parts: string[] = [];
  let length = 0;
  for (const [name, item] of Object.entries(value)) {
    const part = `${name.slice(0, 40)}: ${scalar(item)}`;
    parts.push(part);
    length += part.length + 2;
    if (length > most) break;
  }
  return cut(parts.join(', '));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof ExactNumber);
}

function scalar(value: unknown): string {
  if (Array.isArray(value)) return `[${value.length}]`;
  if (isObject(value)) return '{…}';
  return typeof value === 'string' ? value.slice(0, 200) : String(value);
}
