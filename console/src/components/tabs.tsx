import type { ReactNode } from 'react';
import classes from './tabs.module.css';

/** Parts of a page, each with an address of its own. Children are `TabLink`s around a router's link. */
export function Tabs({ label, children }: { label: string; children: ReactNode }) {
  return (
    <nav className={classes.tabs} aria-label={label}>
      {children}
    </nav>
  );
}

/** What a router's link needs to look like a tab: `<Link {...tab(isSelected)}>`. */
export function tab(isSelected: boolean) {
  return {
    className: classes.tab ?? '',
    'data-selected': isSelected,
    'aria-current': isSelected ? ('page' as const) : undefined,
  };
}
