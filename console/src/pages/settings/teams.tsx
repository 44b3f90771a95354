import { Button, TextInput, Textarea } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { removeTeam, setTeam, teams, type Team } from '#api/access_queries.ts';
import { me } from '#api/queries.ts';
import { ConfirmDialog } from '#components/confirm_dialog.tsx';
import { DataTable, type Column } from '#components/data_table.tsx';
import { ErrorPanel } from '#components/error_panel.tsx';
import { FormDialog } from '#components/form_dialog.tsx';
import { Panel } from '#components/panel.tsx';
import { withPassword } from '#components/reauthenticate.tsx';
import { SafeText } from '#components/safe_text.tsx';
import { LineSkeletons } from '#components/skeletons.tsx';
import { toast } from '#components/toasts.tsx';
import classes from './settings.module.css';

const columns: readonly Column<Team>[] = [
  {
    title: 'Team',
    isMain: true,
    cell: (one) => (
      <span className={classes.code}>
        <SafeText text={one.name} />
      </span>
    ),
  },
  { title: 'Members', cell: (one) => <SafeText text={one.members.join(', ')} /> },
  { title: 'Asked by', cell: (one) => <SafeText text={one.workflows.join(', ') || 'no workflow'} /> },
];

/** Groups of people that workflows name. */
export function Teams() {
  const { data: who } = useQuery(me());
  const { data, error, refetch } = useQuery(teams());
  const [editing, setEditing] = useState<Team | 'new'>();
  const [removing, setRemoving] = useState<string>();
  const client = useQueryClient();
  if (!data) {
    return error ? <ErrorPanel error={error} onRetry={() => void refetch()} /> : <LineSkeletons count={2} />;
  }
  const mayChange = who?.permissions.includes('configure_policy') === true;
  const actions: Column<Team> = {
    title: 'Actions',
    isAction: true,
    align: 'right',
    cell: (one) => (
      <span className={classes.pair}>
        <Button variant="default" size="xs" onClick={() => setEditing(one)}>
          Change<span className="visually-hidden"> {one.name}</span>
        </Button>
        <Button variant="default" size="xs" onClick={() => setRemoving(one.name)}>
          Remove<span className="visually-hidden"> {one.name}</span>
        </Button>
      </span>
    ),
  };
  const remove = async (name: string) => {
    await withPassword(() => removeTeam(name));
    await client.invalidateQueries({ queryKey: ['workflows'] });
    toast(`Removed the team ${name}`);
  };
  return (
    <>
      <Panel
        flush
        title="Teams"
        actions={
          mayChange && (
            <Button size="xs" onClick={() => setEditing('new')}>
              Add team
            </Button>
          )
        }
      >
        {data.length === 0 ? (
          <p className={classes.note}>None yet. A workflow can ask a team instead of naming each person.</p>
        ) : (
          <DataTable label="Teams" columns={mayChange ? [...columns, actions] : columns} rows={data} rowKey={(one) => one.name} />
        )}
      </Panel>
      {editing !== undefined && <TeamForm team={editing === 'new' ? undefined : editing} onClose={() => setEditing(undefined)} />}
      {removing !== undefined && (
        <ConfirmDialog title={`Remove ${removing}?`} action="Remove the team" onConfirm={() => remove(removing)} onClose={() => setRemoving(undefined)}>
          It goes with the next policy version. While a workflow asks it, it stays.
        </ConfirmDialog>
      )}
    </>
  );
}

function TeamForm({ team, onClose }: { team: Team | undefined; onClose: () => void }) {
  const client = useQueryClient();
  const [name, setName] = useState(team?.name ?? '');
  const [members, setMembers] = useState(team?.members.join('\n') ?? '');
  const save = async () => {
    await setTeam(name.trim(), members.split(/[\s,;]+/).filter((one) => one !== ''));
    await client.invalidateQueries({ queryKey: ['workflows'] });
    toast(team ? `Changed the team ${name}` : `Added the team ${name.trim()}`);
  };
  return (
    <FormDialog
      title={team ? `Change ${team.name}` : 'Add a team'}
      action={team ? 'Save team' : 'Add team'}
      about="Requests that wait keep the members they were made with."
      onSubmit={save}
      onClose={onClose}
    >
      {!team && (
        <TextInput label="Name" description="Letters, digits, dots, dashes" data-autofocus required withAsterisk={false} maxLength={64} value={name} onChange={(event) => setName(event.currentTarget.value)} />
      )}
      <Textarea label="Members" description="One address a line" required withAsterisk={false} autosize minRows={3} value={members} onChange={(event) => setMembers(event.currentTarget.value)} />
    </FormDialog>
  );
}
