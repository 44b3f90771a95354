import { ExactNumber } from './exact_json.ts';

/** One line of a shown JSON value. */
export interface JsonRow {
  /** Steps from the root; the identity of what opens and closes. */
  path: string;
  depth: number;
  /** The member's name; undefined for the root and for array items. */
  name?: string;
  /** An array item's place. */
  index?: number;
  kind: 'object' | 'array' | 'end' | 'string' | 'number' | 'boolean' | 'null';
  /** Of objects and arrays. */
  size?: number;
  isOpen?: boolean;
  /** The text of a scalar, or the closing bracket. */
  text?: string;
}

function kindOf(value: unknown): JsonRow['kind'] {
  if (value === null || value === undefined) return 'null';
  if (value instanceof ExactNumber || typeof value === 'number') return 'number';
  if (Array.isArray(value)) return 'array';
  switch (typeof value) {
    case 'string':
      return 'string';
    case 'boolean':
      return 'boolean';
    default:
      return 'object';
  }
}

interface Frame {
  value: unknown;
  path: string;
  depth: number;
  name?: string;
  index?: number;
  /** Set for a closing line. */
  end?: string;
}

/**
 * The lines of a value, objects and arrays open where `isOpen(path, depth, size)` says so. A stack of
 * its own instead of recursion: a value nested thousands deep is only long.
 */
export function jsonRows(
  root: unknown,
  isOpen: (path: string, depth: number, size: number) => boolean,
): JsonRow[] {
  const rows: JsonRow[] = [];
  const stack: Frame[] = [{ value: root, path: '$', depth: 0 }];
  for (let frame = stack.pop(); frame; frame = stack.pop()) {
    const { value, path, depth } = frame;
    if (frame.end !== undefined) {
      rows.push({ path: `${path}/end`, depth, kind: 'end', text: frame.end });
      continue;
    }
    const row: JsonRow = { path, depth, kind: kindOf(value) };
    if (frame.name !== undefined) row.name = frame.name;
    if (frame.index !== undefined) row.index = frame.index;
    rows.push(row);
    if (row.kind !== 'object' && row.kind !== 'array') {
      row.text = row.kind === 'string' ? (value as string) : String(value ?? null);
      continue;
    }
    const members: [string | number, unknown][] =
      row.kind === 'array'
        ? (value as unknown[]).map((item, place) => [place, item])
        : Object.entries(value as object);
    row.size = members.length;
    row.isOpen = members.length > 0 && isOpen(path, depth, members.length);
    if (!row.isOpen) continue;
    stack.push({ value: null, path, depth, end: row.kind === 'array' ? ']' : '}' });
    for (const [step, item] of members.reverse()) {
      stack.push({
        value: item,
        path: `${path}/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`,
        depth: depth + 1,
        ...(typeof step === 'number' ? { index: step } : { name: step }),
      });
    }
  }
  return rows;
}

/** For copying: the value as JSON text, exact numbers included. */
export function jsonText(value: unknown): string {
  const raw = (JSON as { rawJSON?: (text: string) => unknown }).rawJSON;
  return JSON.stringify(
    value,
    (_key, item: unknown) => (item instanceof ExactNumber ? (raw ? raw(item.source) : item.source) : item),
    2,
  );
}
