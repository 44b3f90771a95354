import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { activity, me, pendingApprovals, servers, status } from '#api/queries.ts';
import type { Schemas } from '#api/client.ts';
import { DataTable, type Column } from '#components/data_table.tsx';
import { EmptyState } from '#components/empty_state.tsx';
import { ErrorPanel } from '#components/error_panel.tsx';
import { Bolt, CheckCircle, ChevronRight, Warning } from '#components/icons.tsx';
import { PageHeader } from '#components/page_header.tsx';
import { Panel } from '#components/panel.tsx';
import { SafeText } from '#components/safe_text.tsx';
import { LineSkeletons } from '#components/skeletons.tsx';
import { StatusBadge } from '#components/status_badge.tsx';
import { Countdown, RelativeTime } from '#components/times.tsx';
import { summaryOf } from '#lib/summary.ts';
import classes from './overview_page.module.css';

const SHOWN = 5;

/** What needs me now; what agents did; is it well? */
export function OverviewPage() {
  return (
    <>
      <PageHeader title="Overview" />
      <div className={classes.grid}>
        <div className={classes.main}>
          <Attention />
          <Activity />
        </div>
        <Health />
      </div>
    </>
  );
}

function Attention() {
  const { data: who } = useQuery(me());
  const { data: pending, error, refetch } = useQuery(pendingApprovals());
  const { data: known } = useQuery(servers());
  const { data: server } = useQuery(status());
  if (!pending) {
    return (
      <Panel title="Needs you">
        {error ? <ErrorPanel error={error} onRetry={() => void refetch()} /> : <LineSkeletons count={2} height={56} />}
      </Panel>
    );
  }
  const down = known?.filter((one) => one.status === 'failed') ?? [];
  const problem = server && !server.database.writable ? (server.database.problem ?? 'It cannot write.') : undefined;
  const mayDecide = who?.permissions.includes('decide') ?? true;
  const isCalm = pending.length === 0 && down.length === 0 && !problem;
  return (
    <Panel title={mayDecide ? 'Needs you' : 'Waits for a person'} flush actions={pending.length > SHOWN && <Link to="/approvals">All {pending.length}</Link>}>
      {isCalm && (
        <EmptyState icon={CheckCircle} title="Nothing needs you">
          Calls that wait for a decision appear here by themselves.
        </EmptyState>
      )}
      <ul className={classes.list}>
        {problem && (
          <li className={classes.row}>
            <Warning size={18} className={classes.bad} />
            <span className={classes.words}>
              <b>The database cannot be written</b>
              <span className={classes.about}>
                <SafeText text={problem} />
              </span>
            </span>
          </li>
        )}
        {pending.slice(0, SHOWN).map((request) => (
          <li key={request.id}>
            <Link to="/approval/$id" params={{ id: request.id }} className={classes.row}>
              <span className={classes.badge}>
                <StatusBadge status="pending" />
              </span>
              <span className={classes.words}>
                <span className={classes.what}>
                  <b className={classes.tool}>
                    <SafeText text={request.tool} />
                  </b>{' '}
                  <span className={classes.about}>
                    by <SafeText text={request.agent} />
                  </span>
                </span>
                <span className={classes.summary}>
                  <SafeText text={summaryOf(request.arguments)} />
                </span>
              </span>
              <Countdown until={request.expires_at} className={classes.countdown} />
              <ChevronRight size={16} className={classes.go} />
            </Link>
          </li>
        ))}
        {down.map((one) => (
          <li key={one.id} className={classes.row}>
            <StatusBadge status="failed" label="Down" />
            <span className={classes.words}>
              <b>
                <SafeText text={one.name} />
              </b>
              <span className={classes.about}>
                <SafeText text={one.last_error || 'It does not answer.'} />
              </span>
            </span>
          </li>
        ))}
      </ul>
    </Panel>
  );
}

type AgentActivity = Schemas['AgentActivity'];

const columns: readonly Column<AgentActivity>[] = [
  { title: 'Agent', isMain: true, cell: (one) => <SafeText text={one.agent || 'removed'} /> },
  { title: 'Calls', align: 'right', cell: (one) => one.calls.toLocaleString('en') },
  { title: 'Held', align: 'right', cell: (one) => one.held.toLocaleString('en') },
  { title: 'Denied', align: 'right', cell: (one) => one.denied.toLocaleString('en') },
  { title: 'Last call', align: 'right', cell: (one) => <RelativeTime at={one.last_at} /> },
];

function Activity() {
  const { data, error, refetch } = useQuery(activity());
  if (!data) {
    return (
      <Panel title="What agents did">
        {error ? <ErrorPanel error={error} onRetry={() => void refetch()} /> : <LineSkeletons count={3} />}
      </Panel>
    );
  }
  const isQuiet = data.day.calls === 0;
  return (
    <Panel title="What agents did" flush>
      {isQuiet ? (
        <EmptyState icon={Bolt} title="No calls in the last day">
          Give an agent a key, and its tool calls show here.
          <div className={classes.hint}>
            <Button component={Link} to="/agents" variant="default">
              Agents & keys
            </Button>
          </div>
        </EmptyState>
      ) : (
        <>
          <div className={classes.counts}>
            <Counts title="Last hour" counts={data.hour} />
            <Counts title="Last 24 hours" counts={data.day} isComplete={data.complete} />
          </div>
          <DataTable label="Agents in the last 24 hours" columns={columns} rows={data.agents} rowKey={(one) => one.agent_id} />
        </>
      )}
    </Panel>
  );
}

function Counts({ title, counts, isComplete = true }: { title: string; counts: Schemas['ActivityCounts']; isComplete?: boolean }) {
  const value = (count: number) => `${count.toLocaleString('en')}${isComplete ? '' : '+'}`;
  return (
    <section className={classes.period} aria-label={title}>
      <h3 className={classes.periodTitle}>{title}</h3>
      <p className={classes.total}>
        <span className={classes.number}>{value(counts.calls)}</span> {counts.calls === 1 ? 'call' : 'calls'}
      </p>
      <div className={classes.badges}>
        <StatusBadge status="allow" label={`${value(counts.allowed)} allowed`} />
        <StatusBadge status="require_approval" label={`${value(counts.held)} held`} />
        <StatusBadge status="deny" label={`${value(counts.denied)} denied`} />
      </div>
    </section>
  );
}

function Health() {
  const { data, error, refetch } = useQuery(status());
  const { data: known } = useQuery(servers());
  return (
    <Panel title="Health">
      {!data ? (
        error ? (
          <ErrorPanel error={error} onRetry={() => void refetch()} />
        ) : (
          <LineSkeletons count={4} height={24} />
        )
      ) : (
        <dl className={classes.facts}>
          <dt>Database</dt>
          <dd>
            {data.database.writable ? (
              <StatusBadge status="ready" label={data.database.dialect === 'sqlite' ? 'SQLite' : 'PostgreSQL'} />
            ) : (
              <StatusBadge status="failed" label="Not writable" />
            )}
          </dd>
          <dt>MCP servers</dt>
          <dd className="numbers">
            {data.servers.ready} of {data.servers.total} ready
          </dd>
          {known?.map((one) => (
            <div key={one.id} className={classes.server}>
              <dt>
                <SafeText text={one.name} />
              </dt>
              <dd>
                <StatusBadge status={one.status} />
              </dd>
            </div>
          ))}
          <dt>Tools</dt>
          <dd className="numbers">{data.tools.toLocaleString('en')}</dd>
          <dt>Policy</dt>
          <dd>version {data.policy_version}</dd>
          <dt>Preloop</dt>
          <dd>{data.version}</dd>
        </dl>
      )}
    </Panel>
  );
}
