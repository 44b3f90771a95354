/** How far this machine's clock is behind the server's; deadlines are the server's. */
let skew = 0;

export function noteServerTime(date: string | null): void {
  const server = date ? Date.parse(date) : Number.NaN;
  if (Number.isNaN(server)) return;
  // The header has whole seconds: correct only what is certainly wrong.
  const difference = server + 500 - Date.now();
  skew = Math.abs(difference) > 1500 ? difference : 0;
}

export function serverNow(): number {
  return Date.now() + skew;
}
