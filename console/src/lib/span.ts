/** A length of time as one writes it: a number and its unit. */
export type Unit = 'seconds' | 'minutes' | 'hours' | 'days';

export const UNITS: Record<Unit, number> = { seconds: 1, minutes: 60, hours: 3_600, days: 86_400 };

/** The largest unit of which it is a whole number. */
export function unitOf(seconds: number): Unit {
  const fits = (Object.entries(UNITS) as [Unit, number][]).filter(([, size]) => seconds > 0 && seconds % size === 0);
  return fits.at(-1)?.[0] ?? 'seconds';
}
