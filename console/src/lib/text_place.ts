/** The offset of a line and column, both from 1, in a text; its nearest end when it has fewer. */
export function placeOf(text: string, line: number, column: number): number {
  let start = 0;
  for (let n = 1; n < line; n += 1) {
    const end = text.indexOf('\n', start);
    if (end < 0) return text.length;
    start = end + 1;
  }
  const end = text.indexOf('\n', start);
  return Math.min(start + Math.max(column, 1) - 1, end < 0 ? text.length : end);
}
