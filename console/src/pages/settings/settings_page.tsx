import { useQuery } from '@tanstack/react-query';
import { Link, useSearch } from '@tanstack/react-router';
import { me } from '#api/queries.ts';
import { PageHeader } from '#components/page_header.tsx';
import { tab, Tabs } from '#components/tabs.tsx';
import { Backup } from './backup.tsx';
import { Notifications } from './notifications.tsx';
import { Policy } from './policy.tsx';
import { Secrets } from './secrets.tsx';
import { ServerPart } from './server_part.tsx';
import { Teams } from './teams.tsx';
import { Workflows } from './workflows.tsx';

/** The server itself, and what it was told. */
export function SettingsPage() {
  const { tab: shown, rule } = useSearch({ from: '/shell/settings' });
  const { data: who } = useQuery(me());
  const may = (permission: string) => who?.permissions.includes(permission) ?? false;
  return (
    <>
      <PageHeader title="Settings" />
      <Tabs label="Settings">
        <Link to="/settings" search={{}} {...tab(shown === undefined)}>
          Server
        </Link>
        <Link to="/settings" search={{ tab: 'policy' }} {...tab(shown === 'policy')}>
          Policy
        </Link>
        <Link to="/settings" search={{ tab: 'workflows' }} {...tab(shown === 'workflows')}>
          Workflows
        </Link>
        <Link to="/settings" search={{ tab: 'notifications' }} {...tab(shown === 'notifications')}>
          Notifications
        </Link>
        {(may('manage_secrets') || shown === 'secrets') && (
          <Link to="/settings" search={{ tab: 'secrets' }} {...tab(shown === 'secrets')}>
            Secrets
          </Link>
        )}
        <Link to="/settings" search={{ tab: 'backup' }} {...tab(shown === 'backup')}>
          Backup
        </Link>
      </Tabs>
      {shown === undefined && <ServerPart />}
      {shown === 'policy' && <Policy rule={rule} />}
      {shown === 'workflows' && (
        <>
          <Workflows />
          <Teams />
        </>
      )}
      {shown === 'notifications' && <Notifications />}
      {shown === 'secrets' && <Secrets />}
      {shown === 'backup' && <Backup />}
    </>
  );
}
