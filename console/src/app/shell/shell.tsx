import { Drawer } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { Link, Outlet, useRouterState } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import { me, pendingApprovals } from '#api/queries.ts';
import { Brand } from '#components/brand.tsx';
import { ConnectionNotice } from '#components/connection.tsx';
import { List } from '#components/icons.tsx';
import { ReauthenticateDialog } from '#components/reauthenticate.tsx';
import { AccountMenu } from './account_menu.tsx';
import { HaltBanner, HaltButton } from './halt.tsx';
import { places, type Place } from './navigation.ts';
import classes from './shell.module.css';

/** Navigation at the left, at the bottom on a phone, and the page. */
export function Shell() {
  const [isMoreOpen, more] = useDisclosure(false);
  const visible = useVisiblePlaces();
  const pathname = useRouterState({ select: (state) => state.location.pathname });
  const main = useRef<HTMLElement>(null);

  // Whoever uses a screen reader hears the new page, and goes on from its start.
  const last = useRef(pathname);
  useEffect(() => {
    if (last.current === pathname) return;
    last.current = pathname;
    more.close();
    main.current?.focus({ preventScroll: true });
  }, [pathname, more]);

  return (
    <div className={classes.shell}>
      <a href="#main" className={classes.skip}>
        Skip to the page
      </a>
      <header className={classes.side}>
        <Link to="/" className={classes.brand} aria-label="Preloop, overview">
          <Brand />
        </Link>
        <nav aria-label="Main" className={classes.nav}>
          {visible.map((place) => (
            <NavLink key={place.to} place={place} className={classes.link} />
          ))}
        </nav>
        <div className={classes.foot}>
          <HaltButton />
          <AccountMenu />
        </div>
      </header>
      <div className={classes.content}>
        <ConnectionNotice />
        <HaltBanner />
        <main id="main" ref={main} tabIndex={-1} className={classes.page}>
          <Outlet />
        </main>
      </div>
      <nav aria-label="Main" className={classes.bar}>
        {visible
          .filter(({ isMain }) => isMain)
          .map((place) => (
            <NavLink key={place.to} place={place} className={classes.tab} />
          ))}
        <button type="button" className={classes.tab} onClick={more.open} aria-haspopup="dialog">
          <span className={classes.icon}>
            <List size={20} />
          </span>
          More
        </button>
      </nav>
      <Drawer
        opened={isMoreOpen}
        onClose={more.close}
        position="bottom"
        title="Preloop"
        size="min(80dvh, 420px)"
        closeButtonProps={{ 'aria-label': 'Close' }}
      >
        <div className={classes.more}>
          {visible
            .filter(({ isMain }) => !isMain)
            .map((place) => (
              <NavLink key={place.to} place={place} className={classes.link} />
            ))}
          <HaltButton />
          <AccountMenu isInline />
        </div>
      </Drawer>
      <ReauthenticateDialog />
    </div>
  );
}

function useVisiblePlaces(): readonly Place[] {
  const { data } = useQuery(me());
  return places.filter(({ permission }) => !permission || data?.permissions.includes(permission));
}

function NavLink({ place, className }: { place: Place; className: string | undefined }) {
  const Drawing = place.icon;
  return (
    <Link to={place.to} activeOptions={{ exact: place.to === '/', includeSearch: false }} className={className}>
      <span className={classes.icon}>
        <Drawing size={18} />
      </span>
      {place.label}
      {place.to === '/approvals' && <Waiting />}
    </Link>
  );
}

/** How many calls wait for a person. */
function Waiting() {
  const { data } = useQuery(pendingApprovals());
  if (!data || data.length === 0) return null;
  return (
    <span className={classes.count}>
      <span aria-hidden="true">{data.length > 999 ? '999+' : data.length}</span>
      <span className="visually-hidden">{data.length} waiting</span>
    </span>
  );
}
