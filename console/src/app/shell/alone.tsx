import { Outlet } from '@tanstack/react-router';
import { Brand } from '#components/brand.tsx';
import { ConnectionNotice } from '#components/connection.tsx';
import classes from './alone.module.css';

/** A page with one thing to do: no navigation around it. */
export function Alone() {
  return (
    <div className={classes.frame}>
      <ConnectionNotice />
      <header className={classes.head}>
        <a href="/" className={classes.brand} aria-label="Preloop, overview">
          <Brand size={26} />
        </a>
      </header>
      <main className={classes.main}>
        <Outlet />
      </main>
    </div>
  );
}
