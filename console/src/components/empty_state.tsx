import type { ReactNode } from 'react';
import type { Icon } from './icons.tsx';
import classes from './empty_state.module.css';

/** Nothing here: why that is so, and what to do next. */
export function EmptyState({
  icon: Drawing,
  title,
  heading: Heading = 'p',
  children,
}: {
  icon: Icon;
  title: string;
  /** When it is all that the page has. */
  heading?: 'h1' | 'p';
  children?: ReactNode;
}) {
  return (
    <div className={classes.empty}>
      <span className={classes.icon}>
        <Drawing size={22} />
      </span>
      <Heading className={classes.title}>{title}</Heading>
      {children !== undefined && <div className={classes.more}>{children}</div>}
    </div>
  );
}
