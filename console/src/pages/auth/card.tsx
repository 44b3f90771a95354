import type { ReactNode } from 'react';
import { usePageTitle } from '#components/page_header.tsx';
import classes from './card.module.css';

/** The one thing on a page that stands alone. */
export function Card({ title, about, children }: { title: string; about?: ReactNode; children?: ReactNode }) {
  usePageTitle(title);
  return (
    <section className={classes.card}>
      <h1 className={classes.title}>{title}</h1>
      {about !== undefined && <p className={classes.about}>{about}</p>}
      {children}
    </section>
  );
}
