import type { ReactNode } from 'react';
import type { Icon } from './icons.tsx';
import classes from './empty_state.module.css';

/** Nothing here: why that is so, and what to do next. */
export function EmptyState({
  icon: Drawing,
  title,
  children,
}: {
  icon: Icon;
  title: string;
  children?: ReactNode;
}) {
  return (
    <div className={classes.empty}>
      <span className={classes.icon}>
        <Drawing size={22} />
      </span>
      <p className={classes.title}>{title}</p>
      {children !== undefined && <div className={classes.more}>{children}</div>}
    </div>
  );
}
