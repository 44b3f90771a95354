import { useQuery } from '@tanstack/react-query';
import { workflows } from '#api/access_queries.ts';
import type { Schemas } from '#api/client.ts';
import { DataTable, type Column } from '#components/data_table.tsx';
import { ErrorPanel } from '#components/error_panel.tsx';
import { Panel } from '#components/panel.tsx';
import { SafeText } from '#components/safe_text.tsx';
import { LineSkeletons } from '#components/skeletons.tsx';
import { duration } from '#lib/time.ts';
import classes from './settings.module.css';

type Workflow = Schemas['Workflow'];

const columns: readonly Column<Workflow>[] = [
  {
    title: 'Workflow',
    isMain: true,
    cell: (one) => (
      <span className={classes.code}>
        <SafeText text={one.name} />
      </span>
    ),
  },
  { title: 'Asks', cell: (one) => <SafeText text={one.approvers.length === 0 ? 'approvers and above' : one.approvers.join(', ')} /> },
  { title: 'Needs', cell: (one) => (one.quorum === 1 ? 'one approval' : `${one.quorum} approvals`) },
  { title: 'Waits', cell: (one) => duration(one.timeout) },
  { title: 'Then valid for', cell: (one) => duration(one.approval_valid_for) },
  { title: 'Also', cell: (one) => <span className={classes.quiet}>{also(one)}</span> },
];

function also(one: Workflow): string {
  const words = [
    ...(one.require_reason ? ['a comment is required'] : []),
    ...(one.exclude_agent_owner ? ['not the agent’s owner'] : []),
  ];
  return words.length === 0 ? 'nothing' : words.join(', ');
}

/** Who is asked when a rule needs approval. */
export function Workflows() {
  const { data, error, refetch } = useQuery(workflows());
  if (!data) {
    return error ? <ErrorPanel error={error} onRetry={() => void refetch()} /> : <LineSkeletons count={3} />;
  }
  return (
    <>
      <Panel flush>
        <DataTable label="Workflows" columns={columns} rows={data} rowKey={(one) => one.name} />
      </Panel>
      <p className={classes.note}>
        Workflows are part of the policy: they are changed by importing a document that has them under{' '}
        <code>workflows:</code>.
      </p>
    </>
  );
}
