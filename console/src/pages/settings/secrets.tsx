import { Button, PasswordInput, TextInput } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { secrets, type SecretInfo } from '#api/access_queries.ts';
import { api, type Schemas } from '#api/client.ts';
import { me, servers } from '#api/queries.ts';
import { ConfirmDialog } from '#components/confirm_dialog.tsx';
import { DataTable, type Column } from '#components/data_table.tsx';
import { EmptyState } from '#components/empty_state.tsx';
import { ErrorPanel } from '#components/error_panel.tsx';
import { FormDialog } from '#components/form_dialog.tsx';
import { ShieldLock } from '#components/icons.tsx';
import { Panel } from '#components/panel.tsx';
import { withPassword } from '#components/reauthenticate.tsx';
import { SafeText } from '#components/safe_text.tsx';
import { LineSkeletons } from '#components/skeletons.tsx';
import { RelativeTime } from '#components/times.tsx';
import { toast } from '#components/toasts.tsx';
import classes from './settings.module.css';

/** By name only: nobody reads one back. */
export function Secrets() {
  const { data: who } = useQuery(me());
  if (who && !who.permissions.includes('manage_secrets')) {
    return (
      <Panel>
        <EmptyState icon={ShieldLock} title="Admins keep the secrets">
          Your role does not see their names.
        </EmptyState>
      </Panel>
    );
  }
  return <SecretList />;
}

/** Names of the servers whose settings refer to it. */
function usedBy(name: string, known: readonly Schemas['Server'][] | undefined): string[] {
  const reference = `secret:${name}`;
  return (known ?? [])
    .filter(({ config }) =>
      [config.auth?.token, ...Object.values(config.headers ?? {}), ...Object.values(config.env ?? {})].includes(reference),
    )
    .map((server) => server.name);
}

function SecretList() {
  const { data, error, refetch } = useQuery(secrets());
  const { data: known } = useQuery(servers());
  // '' sets a new one, a name replaces that one.
  const [setting, setSetting] = useState<string>();
  const [removing, setRemoving] = useState<SecretInfo>();
  if (!data) {
    return error ? <ErrorPanel error={error} onRetry={() => void refetch()} /> : <LineSkeletons count={3} />;
  }
  const columns: readonly Column<SecretInfo>[] = [
    {
      title: 'Secret',
      isMain: true,
      cell: (secret) => (
        <span className={classes.code}>
          <SafeText text={secret.name} />
        </span>
      ),
    },
    {
      title: 'Used by',
      cell: (secret) => {
        const users = usedBy(secret.name, known);
        return users.length === 0 ? <span className={classes.quiet}>no server</span> : <SafeText text={users.join(', ')} />;
      },
    },
    { title: 'Set', cell: (secret) => <RelativeTime at={secret.updated_at} /> },
    {
      title: 'Actions',
      isAction: true,
      align: 'right',
      cell: (secret) => (
        <span className={classes.buttons}>
          <Button variant="default" size="xs" onClick={() => setSetting(secret.name)}>
            Replace<span className="visually-hidden"> {secret.name}</span>
          </Button>
          <Button variant="default" size="xs" onClick={() => setRemoving(secret)}>
            Remove<span className="visually-hidden"> {secret.name}</span>
          </Button>
        </span>
      ),
    },
  ];
  return (
    <>
      <Panel
        flush
        title="Secrets"
        actions={
          data.length > 0 && (
            <Button size="xs" onClick={() => setSetting('')}>
              Set a secret
            </Button>
          )
        }
      >
        {data.length === 0 ? (
          <EmptyState icon={ShieldLock} title="No secrets yet">
            What an MCP server needs to be let in. Kept encrypted, named by its settings as <code>secret:NAME</code>, never
            shown again.
            <div className={classes.next}>
              <Button onClick={() => setSetting('')}>Set a secret</Button>
            </div>
          </EmptyState>
        ) : (
          <DataTable label="Secrets" columns={columns} rows={data} rowKey={(secret) => secret.name} />
        )}
      </Panel>
      {data.length > 0 && (
        <p className={classes.note}>
          A server’s settings name one as <code>secret:NAME</code>. Nobody, whatever their role, reads a value back.
        </p>
      )}
      {setting !== undefined && <SetSecret name={setting} onClose={() => setSetting(undefined)} />}
      {removing && (
        <RemoveSecret name={removing.name} users={usedBy(removing.name, known)} onClose={() => setRemoving(undefined)} />
      )}
    </>
  );
}

function SetSecret({ name: given, onClose }: { name: string; onClose: () => void }) {
  const client = useQueryClient();
  const isNew = given === '';
  const [name, setName] = useState(given);
  const [value, setValue] = useState('');
  const save = async () => {
    await api.PUT('/secrets/{name}', { params: { path: { name: name.trim() } }, body: { value } });
    await client.invalidateQueries({ queryKey: ['secrets'] });
    toast(`${name.trim()} is set.`);
  };
  return (
    <FormDialog
      title={isNew ? 'Set a secret' : `Replace ${given}`}
      about={isNew ? 'It is encrypted at once and never shown again.' : 'The next connection of servers that use it has the new value.'}
      action={isNew ? 'Set the secret' : 'Replace'}
      onSubmit={save}
      onClose={onClose}
    >
      {isNew && (
        <TextInput
          label="Name"
          description="Servers name it as secret:NAME"
          name="secret-name"
          autoComplete="off"
          data-autofocus
          required
          withAsterisk={false}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
      )}
      <PasswordInput
        label="Value"
        name="secret-value"
        autoComplete="off"
        required
        withAsterisk={false}
        {...(isNew ? {} : { 'data-autofocus': true })}
        value={value}
        onChange={(event) => setValue(event.currentTarget.value)}
      />
    </FormDialog>
  );
}

function RemoveSecret({ name, users, onClose }: { name: string; users: readonly string[]; onClose: () => void }) {
  const client = useQueryClient();
  const remove = async () => {
    await withPassword(() => api.DELETE('/secrets/{name}', { params: { path: { name } } }));
    await client.invalidateQueries({ queryKey: ['secrets'] });
    toast(`${name} is removed.`);
  };
  return (
    <ConfirmDialog title={`Remove ${name}?`} action="Remove the secret" onConfirm={remove} onClose={onClose}>
      {users.length === 0
        ? 'No server uses it.'
        : `${users.join(', ')} cannot connect without it.`}{' '}
      The value is gone for good.
    </ConfirmDialog>
  );
}
