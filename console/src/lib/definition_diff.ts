/** One place in which two definitions differ. */
export interface Difference {
  /** "inputSchema.properties.amount.maximum" */
  path: string;
  /** As text; absent on the side that does not have it. */
  was?: string;
  is?: string;
  /** Of two texts: their words in order, with what went and what came. */
  words?: Word[];
}

export interface Word {
  text: string;
  side: 'both' | 'was' | 'is';
}

type Node = Record<string, unknown>;

/** Deeper than this a part is shown whole: nobody reads such a path. */
const DEEPEST = 12;
/** Above it words are not matched one by one: what differs is one block. */
const MOST_PAIRS = 160_000;

export function definitionDiff(before: Node, after: Node): Difference[] {
  const out: Difference[] = [];
  walk('', before, after, 0, out);
  return out;
}

function walk(path: string, was: unknown, is: unknown, depth: number, out: Difference[]): void {
  if (JSON.stringify(was) === JSON.stringify(is)) return;
  if (isNode(was) && isNode(is) && depth < DEEPEST) {
    for (const name of new Set([...Object.keys(was), ...Object.keys(is)])) {
      walk(path === '' ? name : `${path}.${name}`, was[name], is[name], depth + 1, out);
    }
    return;
  }
  out.push({
    path,
    ...(was === undefined ? {} : { was: textOf(was) }),
    ...(is === undefined ? {} : { is: textOf(is) }),
    ...(typeof was === 'string' && typeof is === 'string' ? { words: wordDiff(was, is) } : {}),
  });
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value, null, 2);
}

/** What two texts share and do not, word by word; spaces belong to the word in front of them. */
export function wordDiff(was: string, is: string): Word[] {
  const old = split(was);
  const now = split(is);
  let front = 0;
  while (front < old.length && front < now.length && old[front] === now[front]) ++front;
  let back = 0;
  while (back < old.length - front && back < now.length - front && old[old.length - 1 - back] === now[now.length - 1 - back]) ++back;
  const out: Word[] = [];
  const add = (text: string, side: Word['side']) => {
    const last = out.at(-1);
    if (text === '') return;
    if (last?.side === side) last.text += text;
    else out.push({ text, side });
  };
  add(old.slice(0, front).join(''), 'both');
  const middle = matched(old.slice(front, old.length - back), now.slice(front, now.length - back));
  for (const { text, side } of middle) add(text, side);
  add(old.slice(old.length - back).join(''), 'both');
  return out;
}

function split(text: string): string[] {
  return text.match(/\S+\s*|\s+/g) ?? [];
}

/** The longest common subsequence, by the table that everybody knows. */
function matched(old: readonly string[], now: readonly string[]): Word[] {
  if (old.length * now.length > MOST_PAIRS) {
    return [
      { text: old.join(''), side: 'was' },
      { text: now.join(''), side: 'is' },
    ];
  }
  const width = now.length + 1;
  const length = new Uint32Array((old.length + 1) * width);
  const at = (i: number, j: number) => length[i * width + j] ?? 0;
  for (let i = old.length - 1; i >= 0; --i) {
    for (let j = now.length - 1; j >= 0; --j) {
      length[i * width + j] = old[i] === now[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  const out: Word[] = [];
  let i = 0;
  let j = 0;
  while (i < old.length || j < now.length) {
    if (i < old.length && j < now.length && old[i] === now[j]) {
      out.push({ text: old[i++] as string, side: 'both' });
      ++j;
    } else if (i < old.length && (j >= now.length || at(i + 1, j) >= at(i, j + 1))) {
      out.push({ text: old[i++] as string, side: 'was' });
    } else {
      out.push({ text: now[j++] as string, side: 'is' });
    }
  }
  return out;
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
