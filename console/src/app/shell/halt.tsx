import { Button, Textarea } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, body } from '#api/client.ts';
import { halts, me } from '#api/queries.ts';
import { ConfirmDialog } from '#components/confirm_dialog.tsx';
import { FormDialog } from '#components/form_dialog.tsx';
import { withPassword } from '#components/reauthenticate.tsx';
import { SafeText } from '#components/safe_text.tsx';
import { RelativeTime } from '#components/times.tsx';
import classes from './halt.module.css';

function useMayHalt(): boolean {
  const { data } = useQuery(me());
  return data?.permissions.includes('halt') ?? false;
}

function useSetHalt(halted: boolean, reason?: string) {
  const client = useQueryClient();
  return async () => {
    const list = await body(
      api.PUT('/account/kill-switch', {
        params: { header: {} },
        body: { halted, scopes: ['tools'], ...(reason === undefined ? {} : { reason }) },
      }),
    );
    client.setQueryData(halts().queryKey, list.items);
  };
}

/** Says on every page that nothing goes, why, and lets it go on. */
export function HaltBanner() {
  const { data } = useQuery(halts());
  const mayHalt = useMayHalt();
  const [isAsking, setAsking] = useState(false);
  const release = useSetHalt(false);
  const on = data?.find(({ halted }) => halted);
  return (
    <div role="status" aria-live="polite" data-halted={on ? 'yes' : 'no'}>
      {on && (
        <div className={classes.banner}>
          <span className={classes.words}>
            All tool calls are halted: <SafeText text={on.reason} /> (<SafeText text={on.by || 'the administrator'} />
            {on.since && (
              <>
                , <RelativeTime at={on.since} />
              </>
            )}
            ). Deadlines stand still.
          </span>
          {mayHalt && (
            <Button size="xs" color="red.8" onClick={() => setAsking(true)}>
              Release
            </Button>
          )}
        </div>
      )}
      {isAsking && (
        <ConfirmDialog
          title="Let tool calls go again?"
          action="Release"
          onConfirm={() => withPassword(release)}
          onClose={() => setAsking(false)}
        >
          Every agent goes on at once. Requests that waited get the time of the halt back; what was approved may run.
        </ConfirmDialog>
      )}
    </div>
  );
}

/** The emergency stop, on every page. */
export function HaltButton() {
  const { data } = useQuery(halts());
  const mayHalt = useMayHalt();
  const [isAsking, setAsking] = useState(false);
  if (!mayHalt || !data || data.some(({ halted }) => halted)) return null;
  return (
    <>
      <button type="button" className={classes.button} onClick={() => setAsking(true)}>
        Halt all calls…
      </button>
      {isAsking && <HaltDialog onClose={() => setAsking(false)} />}
    </>
  );
}

function HaltDialog({ onClose }: { onClose: () => void }) {
  const [reason, setReason] = useState('');
  const halt = useSetHalt(true, reason.trim());
  return (
    <FormDialog
      title="Halt all tool calls?"
      about="At once, for every agent, until somebody releases it. Calls that were sent already run to their end; requests keep their time."
      action="Halt everything"
      onSubmit={halt}
      onClose={onClose}
    >
      <Textarea
        label="Why"
        description="Everybody reads it; it is recorded"
        name="halt-reason"
        maxLength={1024}
        required
        withAsterisk={false}
        data-autofocus
        autosize
        minRows={2}
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
      />
    </FormDialog>
  );
}
