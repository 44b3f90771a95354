import { Button, PasswordInput, TextInput } from '@mantine/core';
import { useRouter, useSearch } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { serverNow } from '#api/clock.ts';
import { api, body } from '#api/client.ts';
import { isApiError } from '#api/problem.ts';
import { keepSession, onSessionChange } from '#api/session.ts';
import { ErrorPanel } from '#components/error_panel.tsx';
import { Countdown, useNow } from '#components/times.tsx';
import { Card } from './card.tsx';
import classes from './card.module.css';
import { useSubmit } from './use_submit.ts';

export function SignInPage() {
  const router = useRouter();
  const { next, ended } = useSearch({ from: '/alone/sign-in' });
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const [lockedUntil, setLockedUntil] = useState(0);
  const isLocked = useNow() < lockedUntil;
  const { isBusy, error, submit } = useSubmit(async () => {
    try {
      const started = await body(api.POST('/auth/sign-in', { body: { email: email.trim(), password } }));
      keepSession(started.session_token);
    } catch (problem) {
      if (isApiError(problem, 429)) setLockedUntil(serverNow() + (problem.retryAfter ?? 5) * 1000);
      setPassword('');
      throw problem;
    }
  });
  // Here, or in another tab.
  useEffect(
    () =>
      onSessionChange(({ isSignedIn }) => {
        if (isSignedIn) void router.navigate({ href: ownPath(next), replace: true });
      }),
    [router, next],
  );

  return (
    <Card title="Sign in">
      {ended && error === undefined && (
        <p className={classes.notice} role="status">
          Your session has ended. Sign in to go on where you were.
        </p>
      )}
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        <TextInput
          label="E-mail address"
          type="email"
          name="email"
          autoComplete="username"
          autoFocus
          required
          withAsterisk={false}
          value={email}
          onChange={(event) => setEmail(event.currentTarget.value)}
        />
        <PasswordInput
          label="Password"
          name="password"
          autoComplete="current-password"
          required
          withAsterisk={false}
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
        />
        {error !== undefined && <ErrorPanel error={error} />}
        <Button type="submit" size="md" loading={isBusy} disabled={isLocked}>
          {isLocked ? (
            <span>
              Try again in <Countdown until={new Date(lockedUntil).toISOString()} />
            </span>
          ) : (
            'Sign in'
          )}
        </Button>
      </form>
    </Card>
  );
}

/** Where to go on: an address of this console and of nothing else. */
function ownPath(next: string | undefined): string {
  if (!next) return '/';
  const target = new URL(next, location.origin);
  return target.origin === location.origin && !target.pathname.startsWith('/sign-in')
    ? target.pathname + target.search + target.hash
    : '/';
}
