import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { agents, people, recentSessions, type Agent } from '#api/access_queries.ts';
import { me } from '#api/queries.ts';
import { DataTable, type Column } from '#components/data_table.tsx';
import { EmptyState } from '#components/empty_state.tsx';
import { ErrorPanel } from '#components/error_panel.tsx';
import { Robot } from '#components/icons.tsx';
import { PageHeader } from '#components/page_header.tsx';
import { Panel } from '#components/panel.tsx';
import { SafeText } from '#components/safe_text.tsx';
import { LineSkeletons } from '#components/skeletons.tsx';
import { StatusBadge } from '#components/status_badge.tsx';
import { tab, Tabs } from '#components/tabs.tsx';
import { RelativeTime } from '#components/times.tsx';
import classes from './agents_page.module.css';
import { NewAgentDialog } from './agent_form.tsx';
import { OperatorKeys } from './operator_keys.tsx';
import { AgentKeyIssued, type Issued } from './key_issued.tsx';

/** Who may call tools, and with which keys. */
export function AgentsPage() {
  const { tab: shown } = useSearch({ from: '/shell/agents' });
  const { data: who } = useQuery(me());
  const [isAdding, setAdding] = useState(false);
  const [issued, setIssued] = useState<Issued>();
  const mayAdd = who?.permissions.includes('manage_own_agents') ?? false;
  const add = mayAdd && shown !== 'keys' && <Button onClick={() => setAdding(true)}>New agent</Button>;
  return (
    <>
      <PageHeader
        title="Agents & keys"
        about="An agent calls tools with a key of its own. It can never decide or configure anything."
        actions={add || undefined}
      />
      <Tabs label="Agents and keys">
        <Link to="/agents" search={{}} {...tab(shown !== 'keys')}>
          Agents
        </Link>
        <Link to="/agents" search={{ tab: 'keys' }} {...tab(shown === 'keys')}>
          Operator keys
        </Link>
      </Tabs>
      {shown === 'keys' ? <OperatorKeys /> : <AgentList onAdd={mayAdd ? () => setAdding(true) : undefined} />}
      {isAdding && <NewAgentDialog onClose={() => setAdding(false)} onIssued={setIssued} />}
      {issued && <AgentKeyIssued issued={issued} onClose={() => setIssued(undefined)} />}
    </>
  );
}

function AgentList({ onAdd }: { onAdd: (() => void) | undefined }) {
  const { data, error, refetch } = useQuery(agents());
  const { data: sessions } = useQuery(recentSessions());
  const { data: known } = useQuery(people());
  if (!data) {
    return error ? <ErrorPanel error={error} onRetry={() => void refetch()} /> : <LineSkeletons count={5} height={52} />;
  }
  if (data.length === 0) {
    return (
      <Panel>
        <EmptyState icon={Robot} title="No agents yet">
          {onAdd ? 'Make one for each program that calls tools: its calls are recorded under its name.' : 'Members and above can make agents of their own.'}
          {onAdd && (
            <div className={classes.next}>
              <Button onClick={onAdd}>Make the first agent</Button>
            </div>
          )}
        </EmptyState>
      </Panel>
    );
  }
  const seen = new Map<string, string>();
  for (const session of sessions ?? []) {
    const before = seen.get(session.agent_id);
    if (!before || session.last_active_at > before) seen.set(session.agent_id, session.last_active_at);
  }
  const columns: readonly Column<Agent>[] = [
    {
      title: 'Agent',
      isMain: true,
      cell: (agent) => (
        <Link to="/agents/$id" params={{ id: agent.id }} className={classes.agent}>
          <span className={classes.name}>
            <SafeText text={agent.name} />
          </span>
          {agent.kind !== '' && (
            <span className={classes.kind}>
              <SafeText text={agent.kind} />
            </span>
          )}
        </Link>
      ),
    },
    { title: 'State', cell: (agent) => <StatusBadge status={agent.status} /> },
    { title: 'Owner', cell: (agent) => <OwnerName id={agent.owner_id} people={known} /> },
    { title: 'Tags', cell: (agent) => <TagList tags={agent.tags} /> },
    {
      title: 'Last seen',
      align: 'right',
      cell: (agent) => {
        const at = seen.get(agent.id);
        return at ? <RelativeTime at={at} /> : <span className={classes.quiet}>not yet</span>;
      },
    },
  ];
  const rows = [...data].sort((a, b) => (seen.get(b.id) ?? '').localeCompare(seen.get(a.id) ?? '') || a.name.localeCompare(b.name));
  return (
    <Panel flush>
      <DataTable label="Agents" columns={columns} rows={rows} rowKey={(agent) => agent.id} />
    </Panel>
  );
}

export function OwnerName({ id, people: known }: { id: string | null; people: readonly { id: string; email: string; display_name: string }[] | undefined }) {
  const owner = known?.find((one) => one.id === id);
  if (!id) return <span className={classes.quiet}>nobody</span>;
  return owner ? <SafeText text={owner.display_name || owner.email} /> : <span className={classes.quiet}>…</span>;
}

export function TagList({ tags }: { tags: readonly string[] }) {
  if (tags.length === 0) return <span className={classes.quiet}>none</span>;
  return (
    <span className={classes.tags}>
      {tags.map((one) => (
        <span key={one} className={classes.tag}>
          <SafeText text={one} />
        </span>
      ))}
    </span>
  );
}
