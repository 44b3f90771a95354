import { useQuery } from '@tanstack/react-query';
import { me } from '#api/queries.ts';
import { Channels } from './notification_channels.tsx';
import { Deliveries } from './notification_deliveries.tsx';
import { Own } from './notification_own.tsx';
import classes from './settings.module.css';

/** How one is reached oneself, and, for administrators, where messages leave. */
export function Notifications() {
  const { data: who } = useQuery(me());
  const seesAll = who?.permissions.includes('configure_account') ?? false;
  return (
    <div className={classes.stack}>
      <Own />
      {seesAll && <Channels />}
      <Deliveries />
    </div>
  );
}
