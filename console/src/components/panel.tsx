import type { ReactNode } from 'react';
import classes from './panel.module.css';

/** A surface with an optional title. Panels never stand in panels. */
export function Panel({
  id,
  title,
  actions,
  children,
  flush = false,
}: {
  /** For links to it on the same page. */
  id?: string;
  title?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
  /** The content brings its own padding: a table, a list. */
  flush?: boolean;
}) {
  return (
    <section id={id} className={classes.panel}>
      {title !== undefined && (
        <header className={classes.head}>
          <h2 className={classes.title}>{title}</h2>
          {actions}
        </header>
      )}
      <div className={flush ? undefined : classes.body}>{children}</div>
    </section>
  );
}
