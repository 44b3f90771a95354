import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { me } from '#api/queries.ts';
import { PageHeader } from '#components/page_header.tsx';
import { tab, Tabs } from '#components/tabs.tsx';
import { LinkShown, type MadeLink } from './link_shown.tsx';
import { InviteDialog } from './invite_dialog.tsx';
import { OwnAccount } from './own_account.tsx';
import { PeopleList } from './people_list.tsx';
import { RoleTable } from './role_table.tsx';

/** Who may decide and configure, and what each role may. */
export function PeoplePage() {
  const { tab: shown } = useSearch({ from: '/shell/people' });
  const { data: who } = useQuery(me());
  const [isInviting, setInviting] = useState(false);
  const [link, setLink] = useState<MadeLink>();
  const mayInvite = who?.permissions.includes('manage_people') ?? false;
  return (
    <>
      <PageHeader
        title="People"
        about="Who sees, decides and configures here."
        actions={
          mayInvite && shown === undefined ? <Button onClick={() => setInviting(true)}>Invite somebody</Button> : undefined
        }
      />
      <Tabs label="People">
        <Link to="/people" search={{}} {...tab(shown === undefined)}>
          People
        </Link>
        <Link to="/people" search={{ tab: 'roles' }} {...tab(shown === 'roles')}>
          What roles may
        </Link>
        <Link to="/people" search={{ tab: 'you' }} {...tab(shown === 'you')}>
          Your sign-in
        </Link>
      </Tabs>
      {shown === 'roles' ? <RoleTable /> : shown === 'you' ? <OwnAccount /> : <PeopleList onLink={setLink} />}
      {isInviting && <InviteDialog onClose={() => setInviting(false)} onLink={setLink} />}
      {link && <LinkShown link={link} onClose={() => setLink(undefined)} />}
    </>
  );
}
