import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { policyVersions } from '#api/access_queries.ts';
import type { Schemas } from '#api/client.ts';
import { status } from '#api/queries.ts';
import { DataTable, type Column } from '#components/data_table.tsx';
import { EmptyState } from '#components/empty_state.tsx';
import { ErrorPanel } from '#components/error_panel.tsx';
import { List } from '#components/icons.tsx';
import { Panel } from '#components/panel.tsx';
import { SafeText } from '#components/safe_text.tsx';
import { LineSkeletons } from '#components/skeletons.tsx';
import { StatusBadge } from '#components/status_badge.tsx';
import { RelativeTime } from '#components/times.tsx';
import classes from './settings.module.css';

type Version = Schemas['PolicyVersion'];

const columns: readonly Column<Version>[] = [
  { title: 'By', cell: (one) => <SafeText text={one.actor} /> },
  {
    title: 'Why',
    cell: (one) => (one.comment === '' ? <span className={classes.quiet}>not said</span> : <SafeText text={one.comment} />),
  },
  { title: 'When', align: 'right', cell: (one) => <RelativeTime at={one.created_at} /> },
];

/** What was in force before; putting one back shows the difference first. */
export function Versions({ onPutBack }: { onPutBack?: (number: number) => Promise<void> }) {
  const { data: server, refetch: refetchStatus } = useQuery(status());
  const inForce = server?.policy_version;
  const { data, error, refetch } = useQuery(policyVersions());
  const number: Column<Version> = {
    title: 'Version',
    isMain: true,
    cell: (one) => (
      <span className={classes.version}>
        <span className="numbers">{one.number}</span>
        {one.number === inForce && <StatusBadge status="active" label="In force" />}
      </span>
    ),
  };
  const action: Column<Version> = {
    title: 'Actions',
    isAction: true,
    cell: (one) =>
      onPutBack !== undefined && one.number !== inForce ? (
        <Button size="xs" variant="default" onClick={() => void onPutBack(one.number)}>
          Put back<span className="visually-hidden"> version {one.number}</span>
        </Button>
      ) : null,
  };
  return (
    <Panel title="Versions" flush={Boolean(data)}>
      {!data ? (
        error ? (
          <ErrorPanel error={error} onRetry={() => void Promise.all([refetch(), refetchStatus()])} />
        ) : (
          <LineSkeletons count={3} />
        )
      ) : data.length === 0 ? (
        <EmptyState icon={List} title="No policy yet">
          Without one every call is allowed, and tools that are new wait for a person.
        </EmptyState>
      ) : (
        <DataTable label="Policy versions" columns={onPutBack ? [number, ...columns, action] : [number, ...columns]} rows={data} rowKey={(one) => String(one.number)} />
      )}
    </Panel>
  );
}
