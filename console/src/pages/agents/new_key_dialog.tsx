import { Checkbox, NativeSelect, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { Agent } from '#api/access_queries.ts';
import { serverNow } from '#api/clock.ts';
import { api, body, type Schemas } from '#api/client.ts';
import { FormDialog } from '#components/form_dialog.tsx';
import classes from './agents_page.module.css';

const LIVES = [
  { value: '0', label: 'Until it is revoked' },
  { value: '30', label: '30 days' },
  { value: '90', label: '90 days' },
  { value: '365', label: 'A year' },
];
const DAY_MS = 86_400_000;

export const SCOPE_WORDS: Record<Schemas['Scope'], { label: string; about: string }> = {
  read: { label: 'Read', about: 'See what you can see' },
  decide: { label: 'Decide', about: 'Approve and decline in your name' },
  configure: { label: 'Configure', about: 'Change rules, servers, people and secrets in your name' },
};

/** A key of an agent, or one's own for programs that use REST. */
export function NewKeyDialog({
  agent,
  onIssued,
  onClose,
}: {
  agent?: Agent;
  onIssued: (issued: Schemas['IssuedKey']) => void;
  onClose: () => void;
}) {
  const client = useQueryClient();
  const [name, setName] = useState('');
  const [days, setDays] = useState('0');
  const [scopes, setScopes] = useState<readonly Schemas['Scope'][]>(['read']);
  const send = async () => {
    const ends = Number(days) > 0 ? new Date(serverNow() + Number(days) * DAY_MS).toISOString() : undefined;
    const issued = await body(
      api.POST('/auth/api-keys', {
        body: {
          class: agent ? 'agent' : 'operator',
          name: name.trim(),
          ...(agent ? { agent_id: agent.id } : { scopes: [...scopes] }),
          ...(ends ? { expires_at: ends } : {}),
        },
      }),
    );
    void client.invalidateQueries({ queryKey: ['keys'] });
    onIssued(issued);
  };
  return (
    <FormDialog
      title={agent ? `New key for ${agent.name}` : 'New operator key'}
      about={
        agent
          ? 'One for each place it runs, so that one can be revoked alone.'
          : 'For programs that use REST or the command line as you. It can never do more than you, and never calls tools.'
      }
      action="Make the key"
      onSubmit={send}
      onClose={onClose}
    >
      <TextInput
        label="Name"
        description={agent ? 'Where it is used: laptop, ci' : 'What it is for: backup-report, deploy'}
        name="key-name"
        autoComplete="off"
        data-autofocus
        required
        withAsterisk={false}
        maxLength={200}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      {!agent && (
        <fieldset className={classes.scopes}>
          <legend>May</legend>
          {(['read', 'decide', 'configure'] as const).map((scope) => (
            <Checkbox
              key={scope}
              label={SCOPE_WORDS[scope].label}
              description={SCOPE_WORDS[scope].about}
              checked={scopes.includes(scope)}
              onChange={(event) =>
                setScopes(event.currentTarget.checked ? [...scopes, scope] : scopes.filter((one) => one !== scope))
              }
            />
          ))}
        </fieldset>
      )}
      <NativeSelect label="Valid" data={LIVES} value={days} onChange={(event) => setDays(event.currentTarget.value)} />
    </FormDialog>
  );
}
