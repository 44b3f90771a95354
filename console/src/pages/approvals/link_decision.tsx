import { Button, Textarea } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, body } from '#api/client.ts';
import { isApiError } from '#api/problem.ts';
import { exactAs, type Approval } from '#api/queries.ts';
import { ErrorPanel } from '#components/error_panel.tsx';
import { Check, Close } from '#components/icons.tsx';
import { usePageTitle } from '#components/page_header.tsx';
import { SafeText } from '#components/safe_text.tsx';
import { LineSkeletons } from '#components/skeletons.tsx';
import { ApprovalView } from './approval_view.tsx';
import classes from './approval_page.module.css';
import bar from './decision_bar.module.css';

type Decision = 'approve' | 'decline';
interface Shown {
  approval: Approval;
  person: string;
  used: boolean;
}

/**
 * The page behind a link in a message: its person decides here without signing in. Opening it
 * decides nothing, whoever opens it; only the button does.
 */
export function LinkDecision({ token, wish }: { token: string; wish: Decision | undefined }) {
  const key = ['link', token];
  const client = useQueryClient();
  const shown = useQuery({
    queryKey: key,
    queryFn: async () => exactAs<Shown>(await body(api.POST('/notification-links/show', { body: { token }, parseAs: 'text' }))),
    staleTime: 0,
    refetchOnWindowFocus: true,
  });
  const [comment, setComment] = useState('');
  const decide = useMutation({
    mutationFn: async (decision: Decision) => {
      const sent = { token, decision, ...(comment.trim() === '' ? {} : { comment: comment.trim() }) };
      return exactAs<Approval>(await body(api.POST('/notification-links/decide', { body: sent, parseAs: 'text' })));
    },
    onSuccess: (approval) => client.setQueryData<Shown>(key, (before) => before && { ...before, approval, used: true }),
    onError: () => void client.invalidateQueries({ queryKey: key }),
  });
  const request = shown.data?.approval;
  usePageTitle(request ? `${request.tool}: ${request.status}` : 'Approval');
  if (isApiError(shown.error, 404)) {
    return (
      <div className={classes.page}>
        <h1>This link does not work</h1>
        <p>It is not one of ours, or it is too old. Sign in to see what waits.</p>
        <Button component="a" href="/approvals" variant="default">
          Sign in
        </Button>
      </div>
    );
  }
  if (!shown.data || !request) {
    return <div className={classes.page}>{shown.error ? <ErrorPanel error={shown.error} onRetry={() => void shown.refetch()} /> : <LineSkeletons count={5} />}</div>;
  }
  const isOpen = request.status === 'pending' && !shown.data.used;
  const button = (decision: Decision, label: string, icon: React.ReactNode) => (
    <Button
      className={bar.button ?? ''}
      variant={(wish ?? 'approve') === decision ? 'filled' : 'default'}
      leftSection={icon}
      loading={decide.isPending && decide.variables === decision}
      disabled={decide.isPending}
      onClick={() => decide.mutate(decision)}
    >
      {label}
    </Button>
  );
  const actions = isOpen ? (
    <div className={bar.bar}>
      {decide.error && <ErrorPanel error={decide.error} />}
      {decide.isPending && <p role="status">Your decision is being sent. Keep this page open until it says so.</p>}
      <Textarea label="Comment" description="A reason may be required; the agent reads it when you decline." autosize minRows={1} maxRows={5} maxLength={4096} value={comment} onChange={(event) => setComment(event.currentTarget.value)} />
      <div className={bar.buttons}>
        {button('decline', 'Decline', <Close />)}
        {button('approve', 'Approve', <Check />)}
      </div>
    </div>
  ) : (
    <p className={bar.note} role="status">
      {decide.isSuccess ? 'Your decision is recorded.' : 'There is nothing left to decide with this link.'}
    </p>
  );
  return (
    <div className={classes.page}>
      <p>
        You decide as <SafeText text={shown.data.person} />. This link is yours alone.
      </p>
      <div className={classes.card}>
        <ApprovalView request={request} heading="h1" actions={actions} />
      </div>
    </div>
  );
}
