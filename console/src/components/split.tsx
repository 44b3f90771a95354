import { useMediaQuery } from '@mantine/hooks';
import type { ReactNode } from 'react';
import classes from './split.module.css';

/** Is there room for a list and the chosen thing beside each other? */
export function useIsWide(): boolean {
  return useMediaQuery('(min-width: 1024px)', true, { getInitialValueInEffect: false });
}

/**
 * A list and what is chosen in it, side by side where there is room. Either may be missing; each
 * keeps its place in React's tree, so that what one fills in outlives a turned screen.
 */
export function Split({
  list,
  detail,
  isListFixed = false,
}: {
  list: ReactNode;
  detail: ReactNode;
  /** The list stays where it is when one scrolls; it must not be taller than the window. */
  isListFixed?: boolean;
}) {
  const hasList = Boolean(list);
  const hasDetail = Boolean(detail);
  return (
    <div className={classes.split} data-both={(hasList && hasDetail) || undefined} data-fixed={isListFixed || undefined}>
      {hasList && <div className={`${classes.part} ${classes.list}`}>{list}</div>}
      {hasDetail && <div className={classes.part}>{detail}</div>}
    </div>
  );
}
