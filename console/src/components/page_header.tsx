import { useEffect, type ReactNode } from 'react';
import classes from './page_header.module.css';

/** The name of the page, once, as its only h1; also the document's title. */
export function PageHeader({
  title,
  about,
  actions,
}: {
  title: string;
  about?: ReactNode;
  actions?: ReactNode;
}) {
  usePageTitle(title);
  return (
    <header className={classes.header}>
      <div className={classes.words}>
        <h1 className={classes.title}>{title}</h1>
        {about !== undefined && <p className={classes.about}>{about}</p>}
      </div>
      {actions !== undefined && <div className={classes.actions}>{actions}</div>}
    </header>
  );
}

export function usePageTitle(title: string): void {
  useEffect(() => {
    document.title = `${title} · Preloop`;
  }, [title]);
}
