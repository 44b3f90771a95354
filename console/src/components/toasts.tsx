import { useSyncExternalStore } from 'react';
import { Close, CheckCircle, Warning } from './icons.tsx';
import classes from './toasts.module.css';

/** Short news about what one did oneself. What others did shows where it belongs, not here. */
interface Toast {
  id: number;
  text: string;
  tone: 'done' | 'problem';
}

const SHOWN_MS = 6_000;
const MOST = 3;

let toasts: readonly Toast[] = [];
let nextId = 1;
const watchers = new Set<() => void>();

function change(next: readonly Toast[]): void {
  toasts = next;
  for (const tell of watchers) tell();
}

export function toast(text: string, tone: Toast['tone'] = 'done'): void {
  const id = nextId++;
  change([...toasts, { id, text, tone }].slice(-MOST));
  // A problem stays until it is closed.
  if (tone === 'done') setTimeout(() => dismiss(id), SHOWN_MS);
}

function dismiss(id: number): void {
  change(toasts.filter((one) => one.id !== id));
}

export function Toasts() {
  const shown = useSyncExternalStore(
    (tell) => {
      watchers.add(tell);
      return () => watchers.delete(tell);
    },
    () => toasts,
  );
  return (
    <div className={classes.stack} role="log" aria-live="polite" aria-label="Messages">
      {shown.map(({ id, text, tone }) => (
        <div key={id} className={classes.toast} data-tone={tone}>
          {tone === 'done' ? <CheckCircle size={18} /> : <Warning size={18} />}
          <span className={classes.text}>{text}</span>
          <button type="button" className={classes.close} aria-label="Close message" onClick={() => dismiss(id)}>
            <Close size={14} />
          </button>
        </div>
      ))}
    </div>
  );
}
