import { useEffect, useRef, useSyncExternalStore } from 'react';
import classes from './keys.module.css';

/**
 * A key as it is printed on the keyboard, beside what it does. Hidden where there is none.
 * `isHint`: only for the eye, because the button says it with aria-keyshortcuts.
 */
export function Key({ children, isHint = false }: { children: string; isHint?: boolean }) {
  return (
    <kbd className={classes.key} aria-hidden={isHint || undefined}>
      {children}
    </kbd>
  );
}

const SETTING = 'preloop-shortcuts';
const watchers = new Set<() => void>();

function areOn(): boolean {
  return localStorage.getItem(SETTING) !== 'off';
}

/** Speech input types letters: whoever uses it switches single keys off (WCAG 2.1.4). */
export function useShortcutSetting(): [isOn: boolean, turn: () => void] {
  const isOn = useSyncExternalStore((tell) => {
    watchers.add(tell);
    return () => watchers.delete(tell);
  }, areOn);
  const turn = () => {
    localStorage.setItem(SETTING, isOn ? 'off' : 'on');
    for (const tell of watchers) tell();
  };
  return [isOn, turn];
}

/**
 * Single-key shortcuts of a page. They are off while one types and while a dialog is open, and never
 * take a key from the browser (with Ctrl, Alt or Meta).
 */
export function useKeys(handlers: Readonly<Record<string, () => void>>): void {
  const latest = useRef(handlers);
  useEffect(() => {
    latest.current = handlers;
  });
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (!areOn() || event.ctrlKey || event.altKey || event.metaKey || event.defaultPrevented) return;
      const target = event.target as HTMLElement;
      if (target.closest('input, textarea, select, [contenteditable], [role="dialog"]')) return;
      // Enter and space belong to the button that has the focus.
      if ((event.key === 'Enter' || event.key === ' ') && target.closest('button, a, summary')) return;
      const handler = latest.current[event.key];
      if (!handler) return;
      event.preventDefault();
      handler();
    };
    addEventListener('keydown', press);
    return () => removeEventListener('keydown', press);
  }, []);
}
