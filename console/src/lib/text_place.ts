/** The offset of a line and column, both from 1, in a text; its nearest end when it has fewer. Columns are code points. */
export function placeOf(text: string, line: number, column: number): number {
  let start = 0;
  for (let n = 1; n < line; n += 1) {
    const end = text.indexOf('\n', start);
    if (end < 0) return text.length;
    start = end + 1;
  }
  const end = text.indexOf('\n', start);
  const points = [...text.slice(start, end < 0 ? text.length : end)];
  return start + points.slice(0, Math.max(column, 1) - 1).join('').length;
}
