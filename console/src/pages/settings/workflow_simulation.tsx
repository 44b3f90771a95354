import { Modal } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { workflowPlan } from '#api/access_queries.ts';
import type { Schemas } from '#api/client.ts';
import { DataTable, type Column } from '#components/data_table.tsx';
import { ErrorPanel } from '#components/error_panel.tsx';
import { SafeText } from '#components/safe_text.tsx';
import { LineSkeletons } from '#components/skeletons.tsx';
import { duration } from '#lib/time.ts';

type Step = Schemas['SimulatedStep'];

const KINDS: Record<Step['kind'], string> = {
  asked: 'asked',
  reminder: 'reminded',
  escalated: 'asked, too',
  expires: 'ends; nothing runs',
};

const columns: readonly Column<Step>[] = [
  { title: 'After', isMain: true, cell: (step) => (step.after === 0 ? 'at once' : duration(step.after)) },
  { title: 'What', cell: (step) => (step.kind === 'reminder' ? `${KINDS.reminder}, ${step.percent} %` : KINDS[step.kind]) },
  { title: 'Whom', cell: (step) => <SafeText text={step.approvers.join(', ') || (step.kind === 'expires' ? '' : 'approvers and above')} /> },
  {
    title: 'May decide then',
    cell: (step) => (step.kind === 'expires' ? '' : <SafeText text={`${step.people.join(', ') || 'nobody'}${step.reachable ? '' : ' — too few'}`} />),
  },
];

/** What would happen to a request of this workflow if nobody decided, with people as they are now. */
export function WorkflowSimulation({ name, onClose }: { name: string; onClose: () => void }) {
  const { data, error, refetch } = useQuery(workflowPlan(name));
  return (
    <Modal opened title={`If nobody decides: ${name}`} onClose={onClose} size="lg">
      {data ? (
        <DataTable label="What happens when" columns={columns} rows={data} rowKey={(step) => `${step.kind}-${step.after}-${step.level}-${step.approvers.join()}`} />
      ) : error ? (
        <ErrorPanel error={error} onRetry={() => void refetch()} />
      ) : (
        <LineSkeletons count={3} />
      )}
    </Modal>
  );
}
