import { Button, Textarea } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, body } from '#api/client.ts';
import { Refusal } from '#api/problem.ts';
import { me, pendingApprovals, type Approval } from '#api/queries.ts';
import { FormDialog } from '#components/form_dialog.tsx';
import { SafeText } from '#components/safe_text.tsx';
import { toast } from '#components/toasts.tsx';
import { summaryOf } from '#lib/summary.ts';
import classes from './similar.module.css';

/** The API's limit. */
const MOST = 100;

/** Calls of the same agent to the same tool, decided in one go after a look at each. */
export function Similar({ request }: { request: Approval }) {
  const { data: pending } = useQuery(pendingApprovals());
  const { data: who } = useQuery(me());
  const [decision, setDecision] = useState<'approve' | 'decline'>();
  const alike = (pending ?? [])
    .filter((one) => one.agent_id === request.agent_id && one.server_id === request.server_id && one.tool === request.tool)
    .slice(0, MOST);
  if (request.status !== 'pending' || alike.length < 2 || who?.permissions.includes('decide') !== true) return null;
  return (
    <div className={classes.similar}>
      <span>
        {alike.length} calls of <SafeText text={request.agent} /> to <SafeText text={request.tool} /> wait.
      </span>
      <Button variant="default" size="xs" onClick={() => setDecision('approve')}>
        Approve all {alike.length}…
      </Button>
      <Button variant="default" size="xs" onClick={() => setDecision('decline')}>
        Decline all {alike.length}…
      </Button>
      {decision && <DecideAll requests={alike} decision={decision} onClose={() => setDecision(undefined)} />}
    </div>
  );
}

function DecideAll({ requests, decision, onClose }: { requests: readonly Approval[]; decision: 'approve' | 'decline'; onClose: () => void }) {
  const client = useQueryClient();
  // What was looked at is what is decided, whatever comes meanwhile.
  const [seen] = useState(requests);
  const [comment, setComment] = useState('');
  const verb = decision === 'approve' ? 'Approve' : 'Decline';
  const decide = async () => {
    const { items } = await body(api.POST('/approval-requests/decide', { params: { header: {} }, body: { ids: seen.map(({ id }) => id), decision, comment } }));
    await client.invalidateQueries({ queryKey: ['approvals'] });
    const refused = items.filter(({ status }) => status === null);
    if (refused[0]) throw new Refusal(`${items.length - refused.length} of ${items.length} decided. ${refused[0].problem}`);
    toast(`${verb}d ${items.length} calls`);
  };
  return (
    <FormDialog title={`${verb} ${seen.length} calls?`} action={`${verb} ${seen.length}`} about={decision === 'approve' ? 'Each runs once, with exactly these arguments.' : 'None of them runs.'} onSubmit={decide} onClose={onClose} size="lg">
      <ul className={classes.list} aria-label="What is decided">
        {seen.map((one) => (
          <li key={one.id}>
            <SafeText text={summaryOf(one.arguments)} />
          </li>
        ))}
      </ul>
      <Textarea label="Comment" description="For the record and the agent" name="comment" maxLength={4096} autosize minRows={2} value={comment} onChange={(event) => setComment(event.currentTarget.value)} />
    </FormDialog>
  );
}
