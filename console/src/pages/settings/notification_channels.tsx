import { Button, NativeSelect, NumberInput, PasswordInput, Switch, TextInput } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, body, type Schemas } from '#api/client.ts';
import { notificationChannels, type NotificationChannel } from '#api/notify_queries.ts';
import { ConfirmDialog } from '#components/confirm_dialog.tsx';
import { CopyOnce } from '#components/copy_once.tsx';
import { DataTable, type Column } from '#components/data_table.tsx';
import { ErrorPanel } from '#components/error_panel.tsx';
import { FormDialog } from '#components/form_dialog.tsx';
import { Panel } from '#components/panel.tsx';
import { SafeText } from '#components/safe_text.tsx';
import { LineSkeletons } from '#components/skeletons.tsx';
import { toast } from '#components/toasts.tsx';
import classes from './settings.module.css';

type Kind = Schemas['NotificationKind'];
type Settings = Schemas['NotificationChannelSettings'];
const KINDS: readonly { value: Kind; label: string }[] = [
  { value: 'email', label: 'E-mail' },
  { value: 'ntfy', label: 'ntfy' },
  { value: 'webhook', label: 'Webhook' },
];

/** Where messages leave. */
export function Channels() {
  const client = useQueryClient();
  const { data, error, refetch } = useQuery(notificationChannels());
  const [editing, setEditing] = useState<NotificationChannel | 'new'>();
  const [removing, setRemoving] = useState<NotificationChannel>();
  const [secret, setSecret] = useState<string>();
  const again = () => client.invalidateQueries({ queryKey: ['notifications'] });
  const test = async (channel: NotificationChannel) => {
    try {
      await body(api.POST('/notification-channels/{id}/test', { params: { path: { id: channel.id } } }));
      toast('A test is on its way.');
      await again();
    } catch (problem) {
      toast(problem instanceof Error ? problem.message : 'The test could not be sent.', 'problem');
    }
  };
  const columns: readonly Column<NotificationChannel>[] = [
    { title: 'Channel', isMain: true, cell: (one) => <SafeText text={one.name} /> },
    { title: 'To', cell: (one) => <SafeText text={one.settings.url ?? `${one.settings.host}:${one.settings.port}`} /> },
    { title: 'State', cell: (one) => (one.enabled ? 'on' : 'off') },
    {
      title: 'Actions',
      isAction: true,
      align: 'right',
      cell: (one) => (
        <span className={classes.buttons}>
          <Button variant="default" size="xs" onClick={() => void test(one)}>
            Test<span className="visually-hidden"> {one.name}</span>
          </Button>
          <Button variant="default" size="xs" onClick={() => setEditing(one)}>
            Change<span className="visually-hidden"> {one.name}</span>
          </Button>
          <Button variant="default" size="xs" onClick={() => setRemoving(one)}>
            Remove<span className="visually-hidden"> {one.name}</span>
          </Button>
        </span>
      ),
    },
  ];
  return (
    <Panel
      title="Channels"
      actions={
        <Button size="xs" variant="default" onClick={() => setEditing('new')}>
          Add a channel
        </Button>
      }
    >
      {secret !== undefined && (
        <CopyOnce title="Signing secret" secret={secret} onClose={() => setSecret(undefined)}>
          The receiver checks each message with it. It is shown only now.
        </CopyOnce>
      )}
      {data?.length === 0 ? (
        <p className={classes.text}>No channel yet. E-mail and ntfy reach the people who are asked; a webhook tells another program.</p>
      ) : data ? (
        <DataTable label="Channels" columns={columns} rows={data} rowKey={(one) => one.id} />
      ) : error ? (
        <ErrorPanel error={error} onRetry={() => void refetch()} />
      ) : (
        <LineSkeletons count={2} />
      )}
      {editing !== undefined && (
        <ChannelForm
          channel={editing === 'new' ? undefined : editing}
          onClose={() => setEditing(undefined)}
          onDone={async (made) => {
            setSecret(made);
            await again();
          }}
        />
      )}
      {removing && (
        <ConfirmDialog
          title={`Remove ${removing.name}?`}
          action="Remove"
          onConfirm={async () => {
            await api.DELETE('/notification-channels/{id}', { params: { path: { id: removing.id }, header: { 'If-Match': `"${removing.revision}"` } } });
            await again();
          }}
          onClose={() => setRemoving(undefined)}
        >
          <p className={classes.text}>Nothing is sent there any more, also not what waits.</p>
        </ConfirmDialog>
      )}
    </Panel>
  );
}

const SECRETS = { email: 'Password', ntfy: 'Access token', webhook: 'Signing secret' } as const;

function ChannelForm({ channel, onClose, onDone }: { channel: NotificationChannel | undefined; onClose: () => void; onDone: (secret: string | undefined) => Promise<void> }) {
  const [kind, setKind] = useState<Kind>(channel?.kind ?? 'email');
  const [name, setName] = useState(channel?.name ?? '');
  const [enabled, setEnabled] = useState(channel?.enabled ?? true);
  const [settings, setSettings] = useState<Settings>(channel?.settings ?? { host: '', port: 587, security: 'starttls', user: '', from: '' });
  const [secret, setSecret] = useState('');
  const set = (change: Settings) => setSettings((before) => ({ ...before, ...change }));
  const submit = async () => {
    const common = { settings, enabled, ...(name.trim() === '' ? {} : { name: name.trim() }), ...(secret === '' ? {} : { secret }) };
    if (channel) {
      await body(api.PATCH('/notification-channels/{id}', { params: { path: { id: channel.id }, header: { 'If-Match': `"${channel.revision}"` } }, body: common }));
      await onDone(undefined);
    } else {
      const made = await body(api.POST('/notification-channels', { body: { kind, ...common } }));
      await onDone(made.secret ?? undefined);
    }
  };
  return (
    <FormDialog title={channel ? `Change ${channel.name}` : 'Add a channel'} action={channel ? 'Save' : 'Add'} onSubmit={submit} onClose={onClose}>
      {!channel && (
        <NativeSelect
          label="Kind"
          data={KINDS}
          value={kind}
          onChange={(event) => {
            const next = event.currentTarget.value as Kind;
            setKind(next);
            setSettings(next === 'email' ? { host: '', port: 587, security: 'starttls', user: '', from: '' } : { url: next === 'ntfy' ? 'https://ntfy.sh' : '' });
          }}
        />
      )}
      <TextInput label="Name" maxLength={100} value={name} placeholder={kind} onChange={(event) => setName(event.currentTarget.value)} />
      {kind === 'email' ? (
        <>
          <TextInput label="Server" required value={settings.host ?? ''} onChange={(event) => set({ host: event.currentTarget.value })} />
          <NumberInput label="Port" required min={1} max={65_535} value={settings.port ?? 587} onChange={(value) => set({ port: Number(value) })} />
          <NativeSelect
            label="Security"
            data={[
              { value: 'starttls', label: 'STARTTLS' },
              { value: 'tls', label: 'TLS' },
              { value: 'none', label: 'None (this machine only)' },
            ]}
            value={settings.security ?? 'starttls'}
            onChange={(event) => set({ security: event.currentTarget.value as NonNullable<Settings['security']> })}
          />
          <TextInput label="From" required placeholder="Preloop <preloop@example.com>" value={settings.from ?? ''} onChange={(event) => set({ from: event.currentTarget.value })} />
          <TextInput label="User" value={settings.user ?? ''} onChange={(event) => set({ user: event.currentTarget.value })} />
        </>
      ) : (
        <TextInput label="Address" type="url" required value={settings.url ?? ''} onChange={(event) => set({ url: event.currentTarget.value })} />
      )}
      <PasswordInput
        label={SECRETS[kind]}
        description={channel?.has_secret ? 'Empty keeps the one that is set, unless the address changes.' : kind === 'webhook' ? 'Empty makes one.' : 'Optional.'}
        autoComplete="off"
        value={secret}
        onChange={(event) => setSecret(event.currentTarget.value)}
      />
      <Switch label="On" checked={enabled} onChange={(event) => setEnabled(event.currentTarget.checked)} />
    </FormDialog>
  );
}
