import { Button } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { removeWorkflow, workflows } from '#api/access_queries.ts';
import type { Schemas } from '#api/client.ts';
import { me } from '#api/queries.ts';
import { ConfirmDialog } from '#components/confirm_dialog.tsx';
import { DataTable, type Column } from '#components/data_table.tsx';
import { ErrorPanel } from '#components/error_panel.tsx';
import { Panel } from '#components/panel.tsx';
import { withPassword } from '#components/reauthenticate.tsx';
import { SafeText } from '#components/safe_text.tsx';
import { LineSkeletons } from '#components/skeletons.tsx';
import { toast } from '#components/toasts.tsx';
import { duration } from '#lib/time.ts';
import classes from './settings.module.css';
import { WorkflowForm } from './workflow_form.tsx';
import { WorkflowSimulation } from './workflow_simulation.tsx';

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
    ...one.alternatives.map((other) => `or ${other.quorum} of ${other.approvers.join(', ')}${other.require_reason ? ' with a reason' : ''}`),
    ...one.escalation.map((level) => `after ${duration(level.after)} ${level.approvers.join(', ')}`),
    ...(one.decline === 'arithmetic' ? ['declines are counted'] : []),
    ...(one.mode === 'async' ? ['the agent does not wait'] : []),
  ];
  return words.length === 0 ? 'nothing' : words.join(', ');
}

/** Who is asked when a rule needs approval. */
export function Workflows() {
  const { data: who } = useQuery(me());
  const { data, error, refetch } = useQuery(workflows());
  // The name of the one that is changed; an empty one is new.
  const [editing, setEditing] = useState<string>();
  const [removing, setRemoving] = useState<string>();
  const [simulated, setSimulated] = useState<string>();
  const client = useQueryClient();
  if (!data) {
    return error ? <ErrorPanel error={error} onRetry={() => void refetch()} /> : <LineSkeletons count={3} />;
  }
  const mayChange = who?.permissions.includes('configure_policy') === true;
  const actions: Column<Workflow> = {
    title: 'Actions',
    isAction: true,
    align: 'right',
    cell: (one) => (
      <span className={classes.pair}>
        <Button variant="default" size="xs" onClick={() => setSimulated(one.name)}>
          Who is asked<span className="visually-hidden"> by {one.name}</span>
        </Button>
        <Button variant="default" size="xs" onClick={() => setEditing(one.name)}>
          Change<span className="visually-hidden"> {one.name}</span>
        </Button>
        {one.name !== 'default' && (
          <Button variant="default" size="xs" onClick={() => setRemoving(one.name)}>
            Remove<span className="visually-hidden"> {one.name}</span>
          </Button>
        )}
      </span>
    ),
  };
  const remove = async (name: string) => {
    await withPassword(() => removeWorkflow(name));
    await client.invalidateQueries({ queryKey: ['workflows'] });
    toast(`Removed the workflow ${name}`);
  };
  return (
    <>
      <Panel
        flush
        title="Workflows"
        actions={
          mayChange && (
            <Button size="xs" onClick={() => setEditing('')}>
              Add workflow
            </Button>
          )
        }
      >
        <DataTable label="Workflows" columns={mayChange ? [...columns, actions] : columns} rows={data} rowKey={(one) => one.name} />
      </Panel>
      <p className={classes.note}>
        Rules that need approval name one of them; those that name none ask the policy’s default. Calls that wait keep the
        workflow they were stopped with.
      </p>
      {editing !== undefined && <WorkflowForm key={editing} name={editing === '' ? undefined : editing} onClose={() => setEditing(undefined)} />}
      {simulated !== undefined && <WorkflowSimulation name={simulated} onClose={() => setSimulated(undefined)} />}
      {removing !== undefined && (
        <ConfirmDialog title={`Remove ${removing}?`} action="Remove the workflow" onConfirm={() => remove(removing)} onClose={() => setRemoving(undefined)}>
          It goes with the next policy version. While a rule names it, it stays.
        </ConfirmDialog>
      )}
    </>
  );
}
