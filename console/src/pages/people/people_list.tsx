import { Button, Menu } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { people, type Person, type Role } from '#api/access_queries.ts';
import { api } from '#api/client.ts';
import { me } from '#api/queries.ts';
import { ConfirmDialog } from '#components/confirm_dialog.tsx';
import { DataTable, type Column } from '#components/data_table.tsx';
import { EmptyState } from '#components/empty_state.tsx';
import { ErrorPanel } from '#components/error_panel.tsx';
import { FormDialog } from '#components/form_dialog.tsx';
import { People as PeopleIcon } from '#components/icons.tsx';
import { Panel } from '#components/panel.tsx';
import { withPassword } from '#components/reauthenticate.tsx';
import { SafeText } from '#components/safe_text.tsx';
import { LineSkeletons } from '#components/skeletons.tsx';
import { StatusBadge } from '#components/status_badge.tsx';
import { RelativeTime } from '#components/times.tsx';
import { toast } from '#components/toasts.tsx';
import { makeLink, RoleSelect } from './invite_dialog.tsx';
import type { MadeLink } from './link_shown.tsx';
import classes from './people.module.css';
import { isAbove, ROLES } from './roles.ts';

type Open = { what: 'role' | 'suspend' | 'reset'; person: Person };

export function PeopleList({ onLink }: { onLink: (link: MadeLink) => void }) {
  const client = useQueryClient();
  const { data: who } = useQuery(me());
  const { data, error, refetch } = useQuery(people());
  const [open, setOpen] = useState<Open>();
  if (!data || !who) {
    return error ? <ErrorPanel error={error} onRetry={() => void refetch()} /> : <LineSkeletons count={5} height={52} />;
  }
  const isManager = who.permissions.includes('manage_people');
  const resume = async (person: Person) => {
    try {
      await change(person, { status: 'active' });
      await client.invalidateQueries({ queryKey: ['people'] });
      toast(`${person.email} may sign in again.`);
    } catch (problem) {
      toast(problem instanceof Error ? problem.message : 'It was not changed.', 'problem');
    }
  };
  const columns: readonly Column<Person>[] = [
    {
      title: 'Person',
      isMain: true,
      cell: (person) => (
        <span className={classes.person}>
          <span>
            <SafeText text={person.display_name || person.email} />
            {person.id === who.person.id && <span className={classes.you}> (you)</span>}
          </span>
          {person.display_name !== '' && person.display_name !== person.email && (
            <span className={classes.mail}>
              <SafeText text={person.email} />
            </span>
          )}
        </span>
      ),
    },
    { title: 'Role', cell: (person) => <span className={classes.role}>{person.role}</span> },
    { title: 'State', cell: (person) => <Standing person={person} /> },
    { title: 'Since', isMinor: true, cell: (person) => <RelativeTime at={person.created_at} /> },
    ...(isManager
      ? [
          {
            title: 'Actions',
            isAction: true,
            align: 'right' as const,
            cell: (person: Person) =>
              isAbove(person.role, who.role) ? null : (
                <Menu position="bottom-end" shadow="md" transitionProps={{ duration: 80 }}>
                  <Menu.Target>
                    <Button variant="default" size="xs">
                      Change<span className="visually-hidden"> {person.email}</span>
                    </Button>
                  </Menu.Target>
                  <Menu.Dropdown>
                    <Menu.Item onClick={() => setOpen({ what: 'role', person })}>Change the role</Menu.Item>
                    <Menu.Item onClick={() => setOpen({ what: 'reset', person })}>
                      {person.has_password ? 'Make a reset link' : 'Make another invitation'}
                    </Menu.Item>
                    {person.status === 'active' ? (
                      <Menu.Item onClick={() => setOpen({ what: 'suspend', person })}>Deactivate</Menu.Item>
                    ) : (
                      <Menu.Item onClick={() => void resume(person)}>Activate again</Menu.Item>
                    )}
                  </Menu.Dropdown>
                </Menu>
              ),
          },
        ]
      : []),
  ];
  const rows = [...data].sort(
    (a, b) => ROLES.indexOf(b.role) - ROLES.indexOf(a.role) || a.email.localeCompare(b.email),
  );
  const close = () => setOpen(undefined);
  return (
    <>
      <Panel flush>
        <DataTable label="People" columns={columns} rows={rows} rowKey={(person) => person.id} />
        {data.length === 1 && isManager && (
          <EmptyState icon={PeopleIcon} title="You are alone here">
            Invite an approver, so that somebody decides while you are away.
          </EmptyState>
        )}
      </Panel>
      {open?.what === 'role' && <RoleDialog person={open.person} own={who.role} onClose={close} />}
      {open?.what === 'suspend' && <DeactivateDialog person={open.person} isSelf={open.person.id === who.person.id} onClose={close} />}
      {open?.what === 'reset' && <ResetDialog person={open.person} onClose={close} onLink={onLink} />}
    </>
  );
}

function Standing({ person }: { person: Person }) {
  if (person.status === 'suspended') return <StatusBadge status="suspended" label="Deactivated" />;
  return person.has_password ? <StatusBadge status="active" /> : <StatusBadge status="pending" label="Invited" />;
}

async function change(person: Person, patch: { role?: Role; status?: Person['status'] }): Promise<void> {
  await withPassword(() =>
    api.PATCH('/users/{id}', {
      params: { path: { id: person.id }, header: { 'If-Match': `"${person.revision}"` } },
      body: patch,
    }),
  );
}

function RoleDialog({ person, own, onClose }: { person: Person; own: Role; onClose: () => void }) {
  const client = useQueryClient();
  const [role, setRole] = useState<Role>(person.role);
  const save = async () => {
    if (role !== person.role) await change(person, { role });
    await client.invalidateQueries({ queryKey: ['people'] });
    toast(`${person.email} is ${role}.`);
  };
  return (
    <FormDialog title={`The role of ${person.email}`} about="It holds at once, in every session and key of theirs." action="Change the role" onSubmit={save} onClose={onClose}>
      <RoleSelect own={own} value={role} onChange={setRole} />
    </FormDialog>
  );
}

function DeactivateDialog({ person, isSelf, onClose }: { person: Person; isSelf: boolean; onClose: () => void }) {
  const client = useQueryClient();
  const save = async () => {
    await change(person, { status: 'suspended' });
    await client.invalidateQueries({ queryKey: ['people'] });
    toast(`${person.email} is deactivated.`);
  };
  return (
    <ConfirmDialog title={`Deactivate ${person.email}?`} action="Deactivate" onConfirm={save} onClose={onClose}>
      {isSelf && 'This is you: you will be signed out. '}
      All sessions and keys of theirs end at once, and nobody signs in with this address. Their agents go on. What they
      decided stays in the record.
    </ConfirmDialog>
  );
}

function ResetDialog({ person, onClose, onLink }: { person: Person; onClose: () => void; onLink: (link: MadeLink) => void }) {
  const isInvited = !person.has_password;
  const make = async () => onLink(await withPassword(() => makeLink(person, isInvited ? 'setup' : 'reset')));
  return (
    <ConfirmDialog
      title={isInvited ? `Another invitation for ${person.email}?` : `A new password for ${person.email}?`}
      action="Make the link"
      isDangerous={false}
      onConfirm={make}
      onClose={onClose}
    >
      {isInvited
        ? 'You get a new link to send; an earlier one does not work any more.'
        : 'You get a link with which they choose a new password. The old one works until they have.'}
    </ConfirmDialog>
  );
}
