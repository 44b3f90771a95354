import type { ReactNode } from 'react';
import classes from './dialog_actions.module.css';

/** The buttons of a dialog: at its end, and on a phone always at the thumb. */
export function DialogActions({ children }: { children: ReactNode }) {
  return <div className={classes.actions}>{children}</div>;
}
