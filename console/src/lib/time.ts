/** Words for times. `now` is an argument: everything here is pure. */

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** "just now", "5 min ago", "3 h ago", "in 2 min", else the date. */
export function relativeTime(at: number, now: number): string {
  const away = at - now;
  const distance = Math.abs(away);
  const say = (text: string) => (away > 0 ? `in ${text}` : `${text} ago`);
  if (distance < 10_000) return 'just now';
  if (distance < MINUTE) return say(`${Math.round(distance / 1000)} s`);
  if (distance < HOUR) return say(`${Math.round(distance / MINUTE)} min`);
  if (distance < DAY) return say(`${Math.round(distance / HOUR)} h`);
  if (distance < 7 * DAY) return say(`${Math.round(distance / DAY)} d`);
  return shortDate(at, now);
}

function shortDate(at: number, now: number): string {
  const sameYear = new Date(at).getFullYear() === new Date(now).getFullYear();
  return new Date(at).toLocaleDateString(undefined, {
    day: 'numeric',
    month: 'short',
    ...(sameYear ? {} : { year: 'numeric' }),
  });
}

/** The whole of it, for titles: date, seconds and time zone. */
export function fullTime(at: number): string {
  return new Date(at).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'long' });
}

/** "4:59", "1:02:03"; "0:00" when it is over. */
export function countdown(until: number, now: number): string {
  const left = Math.max(0, Math.ceil((until - now) / 1000));
  const two = (value: number) => String(value).padStart(2, '0');
  const hours = Math.floor(left / 3600);
  const minutes = Math.floor((left % 3600) / 60);
  return hours > 0 ? `${hours}:${two(minutes)}:${two(left % 60)}` : `${minutes}:${two(left % 60)}`;
}

/** "300 seconds" as people say it: "5 minutes". */
export function duration(seconds: number): string {
  const unit = (value: number, name: string) => `${value} ${name}${value === 1 ? '' : 's'}`;
  if (seconds % 86400 === 0 && seconds > 0) return unit(seconds / 86400, 'day');
  if (seconds % 3600 === 0 && seconds > 0) return unit(seconds / 3600, 'hour');
  if (seconds % 60 === 0 && seconds > 0) return unit(seconds / 60, 'minute');
  return unit(seconds, 'second');
}
