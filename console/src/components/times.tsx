import { useSyncExternalStore } from 'react';
import { serverNow } from '#api/clock.ts';
import { countdown, fullTime, relativeTime } from '#lib/time.ts';

// One clock for everything that shows a time; it stands still while nothing does.
const watchers = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;
let now = serverNow();

function watch(onTick: () => void): () => void {
  watchers.add(onTick);
  now = serverNow();
  timer ??= setInterval(() => {
    now = serverNow();
    for (const tick of watchers) tick();
  }, 1000);
  return () => {
    watchers.delete(onTick);
    if (watchers.size === 0) {
      clearInterval(timer);
      timer = undefined;
    }
  };
}

/** The server's time, each second. */
export function useNow(): number {
  return useSyncExternalStore(watch, () => now);
}

/** "5 min ago"; the whole of it as a title. */
export function RelativeTime({ at }: { at: string }) {
  const time = Date.parse(at);
  const current = useNow();
  return (
    <time dateTime={at} title={fullTime(time)}>
      {relativeTime(time, current)}
    </time>
  );
}

/** "4:59", each second. Silent for screen readers: they get the deadline itself. */
export function Countdown({ until, className }: { until: string; className?: string | undefined }) {
  const time = Date.parse(until);
  const left = time - useNow();
  return (
    <time dateTime={until} title={`Until ${fullTime(time)}`} className={className} data-urgent={left < 60_000 || undefined}>
      <span aria-hidden="true" className="numbers">
        {countdown(left, 0)}
      </span>
      <span className="visually-hidden">until {fullTime(time)}</span>
    </time>
  );
}
