import { useEffect, useState, useSyncExternalStore } from 'react';
import { live } from '#api/live.ts';
import classes from './connection.module.css';

export function useLiveState() {
  return useSyncExternalStore(
    (tell) => live.onState(tell),
    () => live.state,
  );
}

/** A hiccup is nobody's business. */
const PATIENCE_MS = 1_500;

/** Says when what is shown may be old. Present from the start, so that screen readers hear it. */
export function ConnectionNotice() {
  const state = useLiveState();
  const [isLost, setLost] = useState(false);
  useEffect(() => {
    if (state !== 'disconnected') {
      setLost(false);
      return;
    }
    const timer = setTimeout(() => setLost(true), PATIENCE_MS);
    return () => clearTimeout(timer);
  }, [state]);
  return (
    <div className={classes.place} role="status" aria-live="polite" data-live={state}>
      {isLost && (
        <p className={classes.notice}>
          <span className={classes.dot} aria-hidden="true" />
          No connection to the server. What you see may be old; this page goes on by itself.
        </p>
      )}
    </div>
  );
}
