import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { deliveries, type Delivery } from '#api/notify_queries.ts';
import { DataTable, type Column } from '#components/data_table.tsx';
import { ErrorPanel } from '#components/error_panel.tsx';
import { Panel } from '#components/panel.tsx';
import { SafeText } from '#components/safe_text.tsx';
import { LineSkeletons } from '#components/skeletons.tsx';
import { RelativeTime } from '#components/times.tsx';
import classes from './settings.module.css';

const WORDS = { waiting: 'waits', sent: 'sent', failed: 'given up', skipped: 'not needed' } as const;

function outcome(one: Delivery): string {
  const tries = one.attempts > 1 ? ` after ${one.attempts} tries` : '';
  return `${WORDS[one.state]}${tries}${one.error === '' ? '' : `: ${one.error}`}`;
}

const columns: readonly Column<Delivery>[] = [
  { title: 'Channel', isMain: true, cell: (one) => one.kind },
  {
    title: 'About',
    cell: (one) =>
      one.approval_id ? (
        <Link to="/approvals" search={{ id: one.approval_id }}>
          {one.event === 'approval.decided' ? 'a decision' : 'a request'}
        </Link>
      ) : (
        'a test'
      ),
  },
  { title: 'How it went', cell: (one) => <SafeText text={outcome(one)} /> },
  { title: 'When', align: 'right', cell: (one) => <RelativeTime at={one.sent_at ?? one.created_at} /> },
];

/** What was sent lately, and what was not. */
export function Deliveries() {
  const { data, error, refetch } = useQuery(deliveries());
  return (
    <Panel
      title="Deliveries"
      actions={
        <Button size="xs" variant="default" onClick={() => void refetch()}>
          Look again
        </Button>
      }
    >
      {data?.length === 0 ? (
        <p className={classes.text}>Nothing was sent in the last 30 days.</p>
      ) : data ? (
        <DataTable label="Deliveries" columns={columns} rows={data} rowKey={(one) => one.id} />
      ) : error ? (
        <ErrorPanel error={error} onRetry={() => void refetch()} />
      ) : (
        <LineSkeletons count={3} />
      )}
    </Panel>
  );
}
