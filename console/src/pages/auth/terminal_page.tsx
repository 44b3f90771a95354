import { Button, TextInput } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useEffect, useRef, useState } from 'react';
import { api, body, type Schemas } from '#api/client.ts';
import { ErrorPanel } from '#components/error_panel.tsx';
import { SafeText } from '#components/safe_text.tsx';
import { RelativeTime } from '#components/times.tsx';
import { Card } from './card.tsx';
import classes from './card.module.css';
import { useSubmit } from './use_submit.ts';

const SCOPE_WORDS: Record<Schemas['Scope'], string> = {
  read: 'see everything you can see',
  decide: 'approve and decline in your name',
  configure: 'change rules, servers and secrets in your name',
};

type Found = Schemas['LoginWaiting'] & { code: string };

/** `preloop login` and decisions at a terminal wait here for the person they act for. */
export function TerminalPage() {
  const [found, setFound] = useState<Found>();
  const [outcome, setOutcome] = useState<'confirmed' | 'denied'>();
  if (outcome) {
    return (
      <Card
        title={outcome === 'confirmed' ? 'The terminal goes on' : 'The terminal was refused'}
        about={
          outcome === 'confirmed'
            ? 'You can close this page and return to the terminal.'
            : 'It gets nothing. If you did not start it, somebody else at that address did.'
        }
      >
        <Button component={Link} to="/" variant="default" mt="lg" fullWidth>
          Go to the overview
        </Button>
      </Card>
    );
  }
  return found ? <Decide found={found} onDone={setOutcome} /> : <AskForCode onFound={setFound} />;
}

function AskForCode({ onFound }: { onFound: (found: Found) => void }) {
  const [given] = useState(
    () =>
      new URLSearchParams(location.hash.slice(1)).get('code') ??
      new URLSearchParams(location.search).get('code') ??
      '',
  );
  const [code, setCode] = useState(given);
  const { isBusy, error, submit } = useSubmit(async () => {
    const wanted = code.trim().toUpperCase();
    onFound({ ...(await body(api.POST('/auth/login/lookup', { body: { code: wanted } }))), code: wanted });
  });
  const wasAsked = useRef(false);
  useEffect(() => {
    if (given === '' || wasAsked.current) return;
    wasAsked.current = true;
    void submit();
  }, [given, submit]);
  return (
    <Card title="Confirm a terminal" about="Enter the code that the terminal shows.">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        <TextInput
          label="Code"
          name="code"
          autoComplete="one-time-code"
          autoCapitalize="characters"
          autoFocus
          required
          withAsterisk={false}
          value={code}
          onChange={(event) => setCode(event.currentTarget.value)}
        />
        {error !== undefined && <ErrorPanel error={error} />}
        <Button type="submit" size="md" loading={isBusy}>
          Continue
        </Button>
      </form>
    </Card>
  );
}

function Decide({ found, onDone }: { found: Found; onDone: (outcome: 'confirmed' | 'denied') => void }) {
  const decide = (decision: 'confirmed' | 'denied') => async () => {
    await api.POST('/auth/login/confirm', { body: { code: found.code, decision } });
    onDone(decision);
  };
  const confirm = useSubmit(decide('confirmed'));
  const deny = useSubmit(decide('denied'));
  const error = confirm.error ?? deny.error;
  return (
    <Card
      title={found.elevation ? 'A terminal wants to decide as you' : 'A terminal wants to sign in as you'}
      about="Confirm only if you started it yourself and it shows this code."
    >
      <p className={classes.code}>{found.code}</p>
      <dl className={classes.facts}>
        <dt>May then</dt>
        <dd>
          {found.scopes.map((scope) => SCOPE_WORDS[scope]).join('; ')}
          {found.elevation && ', for five minutes'}
        </dd>
        <dt>From</dt>
        <dd>
          <SafeText text={found.address} />
        </dd>
        <dt>Program</dt>
        <dd>
          <SafeText text={found.client} />
        </dd>
        <dt>Asked</dt>
        <dd>
          <RelativeTime at={found.created_at} />
        </dd>
      </dl>
      {error !== undefined && (
        <div className={classes.fields}>
          <ErrorPanel error={error} />
        </div>
      )}
      <div className={classes.buttons}>
        <Button size="md" variant="default" loading={deny.isBusy} onClick={() => void deny.submit()}>
          Deny
        </Button>
        <Button size="md" loading={confirm.isBusy} onClick={() => void confirm.submit()}>
          Confirm
        </Button>
      </div>
    </Card>
  );
}
