// What is known to fail, and why: expected_failures.txt.
import { readFile } from 'node:fs/promises';

const FILE = new URL('../expected_failures.txt', import.meta.url);

/** Of one cell: a set of "scenario:check". A line is `cell scenario:check reason`; cell may be *. */
export async function expectedFailures(cell) {
  const expected = new Set();
  for (const line of (await readFile(FILE, 'utf8')).split('\n')) {
    if (!line.trim() || line.startsWith('#')) continue;
    const [where, what, ...reason] = line.trim().split(/\s+/);
    if (reason.length === 0) throw new Error(`expected_failures.txt gives no reason: ${line}`);
    if (new RegExp(`^${where.replaceAll('+', '\\+').replaceAll('*', '.*')}$`).test(cell)) expected.add(what);
  }
  return expected;
}

/** Failures nobody expects, and expectations that no longer fail. */
export function compare(found, expected) {
  const failed = new Map(found.failed.map((line) => [line.split(':').slice(0, 2).join(':'), line]));
  return {
    unexpected: [...failed].filter(([id]) => !expected.has(id)).map(([, line]) => line),
    mended: [...expected].filter((id) => !failed.has(id)),
  };
}
