import { Button } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { approvalHistory, type Approval } from '#api/queries.ts';
import { DataTable, type Column } from '#components/data_table.tsx';
import { EmptyState } from '#components/empty_state.tsx';
import { ErrorPanel } from '#components/error_panel.tsx';
import { Clock } from '#components/icons.tsx';
import { Panel } from '#components/panel.tsx';
import { SafeText } from '#components/safe_text.tsx';
import { LineSkeletons } from '#components/skeletons.tsx';
import { StatusBadge } from '#components/status_badge.tsx';
import { RelativeTime } from '#components/times.tsx';
import { summaryOf } from '#lib/summary.ts';
import classes from './history.module.css';

const columns: readonly Column<Approval>[] = [
  {
    title: 'Call',
    isMain: true,
    cell: (request) => (
      <Link to="/approval/$id" params={{ id: request.id }} className={classes.call}>
        <span className={classes.tool}>
          <SafeText text={request.tool} />
        </span>
        <span className={classes.summary}>
          <SafeText text={summaryOf(request.arguments, 60)} />
        </span>
      </Link>
    ),
  },
  { title: 'Agent', cell: (request) => <SafeText text={request.agent} /> },
  { title: 'State', cell: (request) => <StatusBadge status={request.status} /> },
  {
    title: 'Decided by',
    isMinor: true,
    cell: (request) =>
      request.votes.length === 0 ? (
        <span className={classes.nobody}>nobody</span>
      ) : (
        <SafeText text={request.votes.map((vote) => vote.person).join(', ')} />
      ),
  },
  { title: 'Asked', cell: (request) => <RelativeTime at={request.created_at} />, align: 'right' },
];

/** On a phone the whole card is the link: what, what came of it, who and when. */
function card(request: Approval) {
  const people = request.votes.map((vote) => vote.person).join(', ');
  return (
    <Link to="/approval/$id" params={{ id: request.id }} className={classes.card}>
      <span className={classes.head}>
        <span className={classes.tool}>
          <SafeText text={request.tool} />
        </span>
        <StatusBadge status={request.status} />
      </span>
      <span className={classes.summary}>
        <SafeText text={summaryOf(request.arguments, 60)} />
      </span>
      <span className={classes.who}>
        <SafeText text={request.agent} />, <RelativeTime at={request.created_at} />
        {people !== '' && (
          <>
            {' '}
            · by <SafeText text={people} />
          </>
        )}
      </span>
    </Link>
  );
}

/** Every request there was, newest first. */
export function History() {
  const { data, error, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery(approvalHistory());
  if (!data) {
    return error ? <ErrorPanel error={error} onRetry={() => void refetch()} /> : <LineSkeletons count={8} />;
  }
  const items = data.pages.flatMap((page) => page.items);
  if (items.length === 0) {
    return (
      <Panel>
        <EmptyState icon={Clock} title="No call was held yet">
          Requests stay here after they were decided, expired or cancelled.
        </EmptyState>
      </Panel>
    );
  }
  return (
    <>
      <Panel flush>
        <DataTable label="History of requests" columns={columns} rows={items} rowKey={(request) => request.id} card={card} />
      </Panel>
      {error && <ErrorPanel error={error} />}
      {hasNextPage && (
        <div className={classes.more}>
          <Button variant="default" loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>
            Show older ones
          </Button>
        </div>
      )}
    </>
  );
}
