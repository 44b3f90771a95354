import { Button, Textarea } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useRef, useState, type KeyboardEvent } from 'react';
import { isApiError } from '#api/problem.ts';
import { me, type Approval } from '#api/queries.ts';
import { ConfirmDialog } from '#components/confirm_dialog.tsx';
import { ErrorPanel, wordsOf } from '#components/error_panel.tsx';
import { Check, Close } from '#components/icons.tsx';
import { Key, useKeys } from '#components/keys.tsx';
import { toast } from '#components/toasts.tsx';
import classes from './decision_bar.module.css';
import { useDecide, type Decision } from './decide.ts';

/**
 * Approve or decline, at the thumb. By keyboard a decision takes two keys: `a` or `d` says which,
 * Enter does it.
 */
export function DecisionBar({
  request,
  onDecided,
}: {
  request: Approval;
  onDecided?: ((request: Approval) => void) | undefined;
}) {
  const { data: who } = useQuery(me());
  const decide = useDecide(request.id);
  const [comment, setComment] = useState('');
  const [isDeclining, setDeclining] = useState(false);
  const [isReleasing, setReleasing] = useState(false);
  const [found, setFound] = useState('');
  const approveButton = useRef<HTMLButtonElement>(null);
  const commentField = useRef<HTMLTextAreaElement>(null);

  const mayDecide = who?.permissions.includes('decide') === true;
  const isPending = request.status === 'pending';
  const needsReason = request.workflows.some((workflow) => workflow.require_reason);
  const hasVoted = request.votes.some((vote) => vote.person_id === who?.person.id);
  const isOffered = mayDecide && isPending && !hasVoted;

  useKeys(
    isOffered
      ? {
          a: () => approveButton.current?.focus(),
          d: () => {
            setDeclining(true);
            commentField.current?.focus();
          },
        }
      : {},
  );

  const send = (decision: Decision) => {
    if (decide.isPending) return;
    decide.mutate(
      { decision, comment },
      {
        onSuccess: (after) => {
          toast(decision === 'approve' ? `Approved: ${request.tool}` : `Declined: ${request.tool}`);
          setComment('');
          onDecided?.(after);
        },
        // The request shows what it is now, without this bar.
        onError: (error) => {
          if (isApiError(error, 409)) toast(`Too late: ${wordsOf(error).title}`, 'problem');
        },
      },
    );
  };

  const inComment = (event: KeyboardEvent) => {
    if (event.key === 'Escape') {
      setDeclining(false);
      commentField.current?.blur();
    } else if (event.key === 'Enter' && !event.shiftKey && isDeclining) {
      event.preventDefault();
      send('decline');
    }
  };

  if (request.status === 'unknown' && mayDecide) {
    return (
      <div className={classes.bar}>
        <Button variant="default" onClick={() => setReleasing(true)}>
          Let it be asked for again
        </Button>
        {isReleasing && (
          <ConfirmDialog
            title="It may have happened"
            action="Let it be asked for again"
            onConfirm={() => decide.mutateAsync({ decision: 'release', comment: found })}
            onClose={() => setReleasing(false)}
          >
            <p className={classes.lead}>Preloop does not know whether the tool did it. If it did, the next call does it a second time.</p>
            <Textarea label="What you found" description="Stands in the record." autosize minRows={2} maxRows={6} maxLength={4096} value={found} onChange={(event) => setFound(event.currentTarget.value)} />
          </ConfirmDialog>
        )}
      </div>
    );
  }
  if (!isPending) return null;
  if (who && !mayDecide) {
    return <p className={classes.note}>Your role ({who.role}) can see this, but not decide on it.</p>;
  }
  if (hasVoted) return <p className={classes.note}>You have approved. It waits for somebody else.</p>;
  return (
    <div className={classes.bar}>
      {decide.error && <ErrorPanel error={decide.error} />}
      <Textarea
        ref={commentField}
        aria-label={needsReason ? 'Reason (required)' : 'Comment'}
        placeholder={needsReason ? 'Reason (required)' : 'Comment; the agent reads it when you decline'}
        autosize
        minRows={1}
        maxRows={5}
        maxLength={4096}
        value={comment}
        onChange={(event) => setComment(event.currentTarget.value)}
        onFocus={(event) => event.currentTarget.scrollIntoView({ block: 'nearest' })}
        onBlur={() => setDeclining(false)}
        onKeyDown={inComment}
      />
      <div className={classes.buttons}>
        <Button
          className={classes.button ?? ''}
          variant="default"
          leftSection={<Close />}
          rightSection={<Key isHint>{isDeclining ? 'Enter' : 'd'}</Key>}
          aria-keyshortcuts="d"
          loading={decide.isPending && decide.variables.decision === 'decline'}
          onMouseDown={(event) => event.preventDefault()}
          onClick={() => send('decline')}
        >
          Decline
        </Button>
        <Button
          ref={approveButton}
          className={classes.button ?? ''}
          leftSection={<Check />}
          rightSection={<Key isHint>a</Key>}
          aria-keyshortcuts="a"
          loading={decide.isPending && decide.variables.decision === 'approve'}
          onClick={() => send('approve')}
        >
          Approve
        </Button>
      </div>
    </div>
  );
}
