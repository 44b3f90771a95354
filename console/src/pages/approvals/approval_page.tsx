import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { isApiError } from '#api/problem.ts';
import { approval } from '#api/queries.ts';
import { backLink } from '#components/back_link.tsx';
import { EmptyState } from '#components/empty_state.tsx';
import { ErrorPanel } from '#components/error_panel.tsx';
import { Question } from '#components/icons.tsx';
import { usePageTitle } from '#components/page_header.tsx';
import { LineSkeletons } from '#components/skeletons.tsx';
import classes from './approval_page.module.css';
import { ApprovalView } from './approval_view.tsx';
import { LinkDecision } from './link_decision.tsx';

/** What a notification links to: one request, for the thumb. */
export function ApprovalPage() {
  const [hash] = useState(() => new URLSearchParams(location.hash.slice(1)));
  const token = hash.get('link');
  const wish = hash.get('decision');
  return token ? <LinkDecision token={token} wish={wish === 'approve' || wish === 'decline' ? wish : undefined} /> : <SignedIn />;
}

function SignedIn() {
  const { id } = useParams({ from: '/alone/approval/$id' });
  const { data: request, error, refetch } = useQuery(approval(id));
  usePageTitle(request ? `${request.tool}: ${request.status}` : 'Approval');
  return (
    <div className={classes.page}>
      <Link to="/approvals" {...backLink('All approvals')} />
      {request ? (
        <div className={classes.card}>
          <ApprovalView request={request} heading="h1" />
        </div>
      ) : isApiError(error, 404) || isApiError(error, 400) ? (
        <EmptyState icon={Question} heading="h1" title="There is no such request">
          It may belong to another server, or the link was cut.
          <div>
            <Button component={Link} to="/approvals" variant="default" mt="sm">
              See what waits
            </Button>
          </div>
        </EmptyState>
      ) : error ? (
        <ErrorPanel error={error} onRetry={() => void refetch()} />
      ) : (
        <LineSkeletons count={5} />
      )}
    </div>
  );
}
