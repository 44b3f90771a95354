import { Button, Checkbox, NumberInput, TextInput } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, body, type Schemas } from '#api/client.ts';
import { devices, notificationSettings, type Device, type NotificationSettings } from '#api/notify_queries.ts';
import { ErrorPanel } from '#components/error_panel.tsx';
import { FormDialog } from '#components/form_dialog.tsx';
import { Panel } from '#components/panel.tsx';
import { SafeText } from '#components/safe_text.tsx';
import { LineSkeletons } from '#components/skeletons.tsx';
import { toast } from '#components/toasts.tsx';
import classes from './settings.module.css';

const NAMES = { email: 'E-mail', ntfy: 'ntfy on your phone' } as const;
type Kind = Schemas['PersonalChannel'];

/** How one is reached: by what, after how long, and when not. */
export function Own() {
  const { data, error, refetch } = useQuery(notificationSettings());
  return (
    <Panel title="How you are reached">
      {!data ? (
        error ? <ErrorPanel error={error} onRetry={() => void refetch()} /> : <LineSkeletons count={3} />
      ) : data.channels.length === 0 ? (
        <p className={classes.text}>No channel to people is set up yet: the console is the only place that shows what waits.</p>
      ) : (
        <>
          <Steps key={data.revision} settings={data} />
          {data.channels.some((one) => one.kind === 'ntfy') && <Phones server={data.channels.find((one) => one.kind === 'ntfy')?.server ?? ''} />}
        </>
      )}
    </Panel>
  );
}

function Steps({ settings }: { settings: NotificationSettings }) {
  const client = useQueryClient();
  const [steps, setSteps] = useState(settings.steps);
  const [quiet, setQuiet] = useState(settings.quiet_hours);
  const [error, setError] = useState<unknown>();
  const trying = async (deed: () => Promise<unknown>, done: string) => {
    setError(undefined);
    try {
      await deed();
      toast(done);
      await client.invalidateQueries({ queryKey: ['notifications'] });
    } catch (problem) {
      setError(problem);
    }
  };
  const save = () =>
    trying(
      () => body(api.PUT('/notification-settings', { params: { header: { 'If-Match': `"${settings.revision}"` } }, body: { steps, quiet_hours: quiet } })),
      'Saved.',
    );
  const set = (kind: Kind, after: number | undefined) =>
    setSteps((before) => [...before.filter((one) => one.channel !== kind), ...(after === undefined ? [] : [{ channel: kind, after }])]);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      {settings.channels.map(({ kind }) => {
        const step = steps.find((one) => one.channel === kind);
        return (
          <div key={kind} className={classes.pair}>
            <Checkbox label={NAMES[kind]} checked={step !== undefined} onChange={(event) => set(kind, event.currentTarget.checked ? 0 : undefined)} />
            {step && <NumberInput aria-label={`${NAMES[kind]}: after so many seconds without a decision`} suffix=" s without a decision" min={0} max={86_400} value={step.after} onChange={(value) => set(kind, Number(value) || 0)} />}
            <Button variant="default" size="xs" onClick={() => void trying(() => body(api.POST('/notification-settings/test', { body: { channel: kind } })), 'A test is on its way.')}>
              Send me a test<span className="visually-hidden"> by {NAMES[kind]}</span>
            </Button>
          </div>
        );
      })}
      <Checkbox
        label="Quiet hours: messages wait"
        checked={quiet !== null}
        onChange={(event) => setQuiet(event.currentTarget.checked ? { from: '22:00', to: '07:00', time_zone: Intl.DateTimeFormat().resolvedOptions().timeZone } : null)}
      />
      {quiet && (
        <div className={classes.pair}>
          <TextInput label="From" type="time" required value={quiet.from} onChange={(event) => setQuiet({ ...quiet, from: event.currentTarget.value })} />
          <TextInput label="To" type="time" required value={quiet.to} onChange={(event) => setQuiet({ ...quiet, to: event.currentTarget.value })} />
          <TextInput label="Time zone" required value={quiet.time_zone} onChange={(event) => setQuiet({ ...quiet, time_zone: event.currentTarget.value })} />
        </div>
      )}
      {error !== undefined && <ErrorPanel error={error} />}
      <Button type="submit">Save how you are reached</Button>
    </form>
  );
}

function Phones({ server }: { server: string }) {
  const client = useQueryClient();
  const { data } = useQuery(devices());
  const [isAdding, setAdding] = useState(false);
  const [name, setName] = useState('Phone');
  const again = () => client.invalidateQueries({ queryKey: ['notifications'] });
  const remove = async (device: Device) => {
    try {
      await api.DELETE('/devices/{id}', { params: { path: { id: device.id } } });
      await again();
    } catch (problem) {
      toast(problem instanceof Error ? problem.message : 'It could not be removed.', 'problem');
    }
  };
  return (
    <>
      <p className={classes.text}>
        Subscribe to your topic in the ntfy app, on the server <code>{server}</code>. Whoever knows the topic reads your messages and
        can decide with their buttons: treat it as a password.
      </p>
      <ul className={classes.plain}>
        {(data ?? []).map((device) => (
          <li key={device.id}>
            <SafeText text={device.name} />: <code>{device.address}</code>{' '}
            <Button variant="default" size="xs" onClick={() => void remove(device)}>
              Remove<span className="visually-hidden"> {device.name}</span>
            </Button>
          </li>
        ))}
      </ul>
      <Button variant="default" onClick={() => setAdding(true)}>
        Add a phone
      </Button>
      {isAdding && (
        <FormDialog
          title="Add a phone"
          action="Make a topic"
          about="A topic that nobody can guess; enter it in the ntfy app."
          onSubmit={async () => {
            await body(api.POST('/devices', { body: { kind: 'ntfy', name } }));
            await again();
          }}
          onClose={() => setAdding(false)}
        >
          <TextInput label="Name" required maxLength={100} value={name} onChange={(event) => setName(event.currentTarget.value)} />
        </FormDialog>
      )}
    </>
  );
}
