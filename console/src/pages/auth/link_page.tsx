import { Button, PasswordInput, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link, useRouter } from '@tanstack/react-router';
import { useState } from 'react';
import { api, body, type Schemas } from '#api/client.ts';
import { isApiError } from '#api/problem.ts';
import { keepSession } from '#api/session.ts';
import { ErrorPanel } from '#components/error_panel.tsx';
import { SafeText } from '#components/safe_text.tsx';
import { LineSkeletons } from '#components/skeletons.tsx';
import { toast } from '#components/toasts.tsx';
import { Card } from './card.tsx';
import { useSubmit } from './use_submit.ts';

const SHORTEST_PASSWORD = 12;

/** A one-time link: becoming the owner, joining, or a new password. The token is in the fragment. */
export function LinkPage() {
  const [token] = useState(() => new URLSearchParams(location.hash.slice(1)).get('token') ?? '');
  const link = useQuery({
    queryKey: ['link'],
    queryFn: () => body(api.POST('/auth/link', { body: { token } })),
    enabled: token !== '',
  });
  if (token === '' || isApiError(link.error, 404) || isApiError(link.error, 400)) {
    return (
      <Card
        title="This link does not work"
        about="Links work once and for a limited time. Ask whoever sent it for a new one."
      >
        <Button component={Link} to="/sign-in" variant="default" mt="lg" fullWidth>
          Sign in instead
        </Button>
      </Card>
    );
  }
  if (link.error) {
    return (
      <Card title="One moment">
        <ErrorPanel error={link.error} onRetry={() => void link.refetch()} />
      </Card>
    );
  }
  if (!link.data) {
    return (
      <Card title="One moment">
        <LineSkeletons />
      </Card>
    );
  }
  return <LinkForm token={token} link={link.data} />;
}

function LinkForm({ token, link }: { token: string; link: Schemas['LinkShown'] }) {
  const router = useRouter();
  const [email, setEmail] = useState('');
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const isReset = link.purpose === 'reset';
  const isOwner = link.email === '';
  const { isBusy, error, submit, fieldError } = useSubmit(async () => {
    const started = await body(
      api.POST(isReset ? '/auth/reset' : '/auth/setup', {
        body: {
          token,
          password,
          ...(isOwner ? { email: email.trim(), display_name: name.trim() } : {}),
        },
      }),
    );
    keepSession(started.session_token);
    toast(isReset ? 'Your new password is set.' : 'You are signed in.');
    await router.navigate({ to: '/', replace: true });
  });

  return (
    <Card
      title={isReset ? 'Choose a new password' : isOwner ? 'Become the owner' : 'Welcome to Preloop'}
      about={
        isOwner ? (
          'The owner decides on calls, sets the rules and invites others. This link works once.'
        ) : (
          <>
            For <SafeText text={link.email} />.
          </>
        )
      }
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        {isOwner && (
          <>
            <TextInput
              label="E-mail address"
              type="email"
              name="email"
              autoComplete="username"
              autoFocus
              required
              withAsterisk={false}
              value={email}
              error={fieldError('email')}
              onChange={(event) => setEmail(event.currentTarget.value)}
            />
            <TextInput
              label="Your name"
              description="How others see who decided"
              name="name"
              autoComplete="name"
              value={name}
              onChange={(event) => setName(event.currentTarget.value)}
            />
          </>
        )}
        {!isOwner && <input type="hidden" name="email" autoComplete="username" value={link.email} />}
        <PasswordInput
          label="Password"
          description={`${SHORTEST_PASSWORD} characters or more; a sentence is easy to remember`}
          name="password"
          autoComplete="new-password"
          required
          withAsterisk={false}
          minLength={SHORTEST_PASSWORD}
          value={password}
          error={fieldError('password')}
          onChange={(event) => setPassword(event.currentTarget.value)}
        />
        {error !== undefined && <ErrorPanel error={error} />}
        <Button type="submit" size="md" loading={isBusy}>
          {isReset ? 'Set the password' : isOwner ? 'Become the owner' : 'Join'}
        </Button>
      </form>
    </Card>
  );
}
