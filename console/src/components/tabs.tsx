import { useEffect, useRef, type ReactNode } from 'react';
import classes from './tabs.module.css';

/** Parts of a page, each with an address of its own. Children are router's links with `tab`. */
export function Tabs({ label, children }: { label: string; children: ReactNode }) {
  const place = useRef<HTMLElement>(null);
  // Where there is no room for all of them, the chosen one is in sight.
  useEffect(() => {
    const nav = place.current;
    const chosen = nav?.querySelector('[data-selected="true"]');
    if (!nav || !chosen) return;
    const [room, own] = [nav.getBoundingClientRect(), chosen.getBoundingClientRect()];
    nav.scrollLeft += Math.min(own.left - room.left, 0) + Math.max(own.right - room.right, 0);
  });
  return (
    <nav ref={place} className={classes.tabs} aria-label={label}>
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
