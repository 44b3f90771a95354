import { Button, PasswordInput } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { logins } from '#api/access_queries.ts';
import { api, type Schemas } from '#api/client.ts';
import { ApiError, isApiError } from '#api/problem.ts';
import { me } from '#api/queries.ts';
import { DataTable, type Column } from '#components/data_table.tsx';
import { ErrorPanel } from '#components/error_panel.tsx';
import { Panel } from '#components/panel.tsx';
import { SafeText } from '#components/safe_text.tsx';
import { LineSkeletons } from '#components/skeletons.tsx';
import { RelativeTime } from '#components/times.tsx';
import { toast } from '#components/toasts.tsx';
import classes from './people.module.css';

const SHORTEST_PASSWORD = 12;

/** One's own password, and where one is signed in. */
export function OwnAccount() {
  return (
    <div className={classes.own}>
      <Logins />
      <Password />
    </div>
  );
}

function Password() {
  const client = useQueryClient();
  const { data: who } = useQuery(me());
  const [current, setCurrent] = useState('');
  const [next, setNext] = useState('');
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const send = async () => {
    setBusy(true);
    setError(undefined);
    try {
      await api.PUT('/auth/password', { body: { current_password: current, new_password: next } });
      setCurrent('');
      setNext('');
      toast('Your password is changed. Other browsers are signed out.');
      await client.invalidateQueries({ queryKey: ['logins'] });
    } catch (problem) {
      setError(isApiError(problem, 401) ? new ApiError({ type: 'about:blank', title: 'That is not your current password.', status: 401 }) : problem);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Panel title="Your password">
      <form
        className={classes.form}
        onSubmit={(event) => {
          event.preventDefault();
          void send();
        }}
      >
        <input type="hidden" name="email" autoComplete="username" value={who?.person.email ?? ''} />
        <PasswordInput
          label="Current password"
          name="current"
          autoComplete="current-password"
          required
          withAsterisk={false}
          value={current}
          onChange={(event) => setCurrent(event.currentTarget.value)}
        />
        <PasswordInput
          label="New password"
          description={`${SHORTEST_PASSWORD} characters or more. Changing it signs out every other browser.`}
          name="new"
          autoComplete="new-password"
          required
          withAsterisk={false}
          minLength={SHORTEST_PASSWORD}
          value={next}
          onChange={(event) => setNext(event.currentTarget.value)}
        />
        {error !== undefined && <ErrorPanel error={error} />}
        <div>
          <Button type="submit" loading={isBusy}>
            Change the password
          </Button>
        </div>
      </form>
    </Panel>
  );
}

function Logins() {
  const client = useQueryClient();
  const { data, error, refetch } = useQuery(logins());
  const end = async (session: Schemas['LoginSession']) => {
    try {
      await api.DELETE('/auth/sessions/{id}', { params: { path: { id: session.id } } });
      toast('That browser is signed out.');
    } catch (problem) {
      toast(problem instanceof Error ? problem.message : 'It was not ended.', 'problem');
    }
    await client.invalidateQueries({ queryKey: ['logins'] });
  };
  const columns: readonly Column<Schemas['LoginSession']>[] = [
    {
      title: 'Browser',
      isMain: true,
      cell: (session) => (
        <span className={classes.person}>
          <SafeText text={browserOf(session.client)} />
          <span className={classes.mail}>
            <SafeText text={session.address} />
          </span>
        </span>
      ),
    },
    { title: 'Signed in', cell: (session) => <RelativeTime at={session.created_at} /> },
    { title: 'Last seen', cell: (session) => <RelativeTime at={session.last_seen_at} /> },
    {
      title: 'Actions',
      isAction: true,
      align: 'right',
      cell: (session) =>
        session.current ? (
          <span className={classes.quiet}>this one</span>
        ) : (
          <Button variant="default" size="xs" onClick={() => void end(session)}>
            Sign out<span className="visually-hidden"> {browserOf(session.client)}</span>
          </Button>
        ),
    },
  ];
  return (
    <Panel title="Where you are signed in" flush={Boolean(data)}>
      {data ? (
        <DataTable label="Where you are signed in" columns={columns} rows={data} rowKey={(session) => session.id} />
      ) : error ? (
        <ErrorPanel error={error} onRetry={() => void refetch()} />
      ) : (
        <LineSkeletons count={2} />
      )}
    </Panel>
  );
}

/** "Firefox on Linux" of a user agent; itself when it says neither. */
function browserOf(client: string): string {
  const browser = /(Edg|Firefox|Chrome|Safari)\//.exec(client)?.[1]?.replace('Edg', 'Edge');
  const system = /Windows|Android|iPhone|iPad|Mac OS X|Linux/.exec(client)?.[0]?.replace('Mac OS X', 'macOS');
  return browser ? `${browser}${system ? ` on ${system}` : ''}` : client || 'unnamed';
}
