import { Button } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate, useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { agents, agentSessions, keys, people, type Agent, type ApiKey, type RuntimeSession } from '#api/access_queries.ts';
import { api, type Schemas } from '#api/client.ts';
import { me, pendingApprovals } from '#api/queries.ts';
import { backLink } from '#components/back_link.tsx';
import { ConfirmDialog } from '#components/confirm_dialog.tsx';
import { DataTable, type Column } from '#components/data_table.tsx';
import { EmptyState } from '#components/empty_state.tsx';
import { ErrorPanel } from '#components/error_panel.tsx';
import { Bolt, Robot, Terminal } from '#components/icons.tsx';
import { PageHeader, usePageTitle } from '#components/page_header.tsx';
import { Panel } from '#components/panel.tsx';
import { withPassword } from '#components/reauthenticate.tsx';
import { SafeText } from '#components/safe_text.tsx';
import { LineSkeletons } from '#components/skeletons.tsx';
import { StatusBadge } from '#components/status_badge.tsx';
import { RelativeTime } from '#components/times.tsx';
import { toast } from '#components/toasts.tsx';
import classes from './agent_page.module.css';
import { EditAgentDialog } from './agent_form.tsx';
import { AgentRules } from './agent_rules.tsx';
import { OwnerName, TagList } from './agents_page.tsx';
import { AgentKeyIssued, type Issued } from './key_issued.tsx';
import { isLive } from './key_state.ts';
import { NewKeyDialog } from './new_key_dialog.tsx';

export function AgentPage() {
  const { id } = useParams({ from: '/shell/agents/$id' });
  const { data, error, refetch } = useQuery(agents());
  const agent = data?.find((one) => one.id === id);
  return (
    <>
      <Link to="/agents" {...backLink('Agents & keys')} />
      {agent ? (
        <AgentView agent={agent} />
      ) : data ? (
        <Gone />
      ) : (
        <>
          <PageHeader title="Agent" />
          {error ? <ErrorPanel error={error} onRetry={() => void refetch()} /> : <LineSkeletons count={5} />}
        </>
      )}
    </>
  );
}

function Gone() {
  usePageTitle('No such agent');
  return (
    <Panel>
      <EmptyState icon={Robot} title="There is no such agent" heading="h1">
        It may have been removed. What it did stays in the record.
      </EmptyState>
    </Panel>
  );
}

/** One's own with manage_own_agents, all of them with manage_agents. */
function mayManage(agent: Agent, who: Schemas['Me'] | undefined): boolean {
  if (!who) return false;
  const isOwn = agent.owner_id === who.person.id;
  return who.permissions.includes('manage_agents') || (isOwn && who.permissions.includes('manage_own_agents'));
}

type Open = 'edit' | 'suspend' | 'remove';

function AgentView({ agent }: { agent: Agent }) {
  const client = useQueryClient();
  const { data: who } = useQuery(me());
  const { data: known } = useQuery(people());
  const [open, setOpen] = useState<Open>();
  const isSuspended = agent.status === 'suspended';
  const close = () => setOpen(undefined);
  const resume = async () => {
    try {
      await setStanding(agent, 'active');
      await client.invalidateQueries({ queryKey: ['agents'] });
      toast(`${agent.name} may call again.`);
    } catch (problem) {
      toast(problem instanceof Error ? problem.message : 'It stays suspended.', 'problem');
    }
  };
  const isManager = mayManage(agent, who);
  return (
    <>
      <PageHeader
        title={agent.name}
        about={
          <span className={classes.about}>
            <StatusBadge status={agent.status} />
            {agent.kind !== '' && (
              <span>
                <SafeText text={agent.kind} />
              </span>
            )}
            <span>
              Owner: <OwnerName id={agent.owner_id} people={known} />
            </span>
            {agent.tags.length > 0 && <TagList tags={agent.tags} />}
            <span>
              Made <RelativeTime at={agent.created_at} />
            </span>
          </span>
        }
        actions={
          isManager && (
            <>
              <Button variant="default" onClick={() => setOpen('edit')}>
                Change
              </Button>
              {isSuspended ? (
                <Button variant="default" onClick={() => void resume()}>
                  Resume
                </Button>
              ) : (
                <Button variant="default" onClick={() => setOpen('suspend')}>
                  Suspend
                </Button>
              )}
              <Button variant="default" onClick={() => setOpen('remove')}>
                Remove
              </Button>
            </>
          )
        }
      />
      {isSuspended && (
        <p className={classes.notice} role="status">
          Suspended: every call is refused. Its keys are kept, and work again when it is resumed.
        </p>
      )}
      <div className={classes.parts}>
        <Keys agent={agent} isManager={isManager} who={who} />
        <AgentRules agent={agent} />
        <Sessions agent={agent} isManager={isManager} />
      </div>
      {open === 'edit' && <EditAgentDialog agent={agent} onClose={close} />}
      {open === 'suspend' && <SuspendDialog agent={agent} onClose={close} />}
      {open === 'remove' && <RemoveDialog agent={agent} onClose={close} />}
    </>
  );
}

async function setStanding(agent: Agent, status: Agent['status']): Promise<void> {
  await withPassword(() =>
    api.PATCH('/agents/{id}', {
      params: { path: { id: agent.id }, header: { 'If-Match': `"${agent.revision}"` } },
      body: { status },
    }),
  );
}

/** "2 waiting requests" of an agent, in words; empty without any. */
function useWaiting(agent: Agent): string {
  const { data } = useQuery(pendingApprovals());
  const count = data?.filter((one) => one.agent_id === agent.id).length ?? 0;
  return count === 0 ? '' : count === 1 ? 'One waiting request' : `${count} waiting requests`;
}

function SuspendDialog({ agent, onClose }: { agent: Agent; onClose: () => void }) {
  const client = useQueryClient();
  const waiting = useWaiting(agent);
  const suspend = async () => {
    await setStanding(agent, 'suspended');
    await client.invalidateQueries({ queryKey: ['agents'] });
    toast(`${agent.name} is suspended.`);
  };
  return (
    <ConfirmDialog title={`Suspend ${agent.name}?`} action="Suspend" onConfirm={suspend} onClose={onClose}>
      Every call of it is refused at once, its session and streams end.
      {waiting !== '' && ` ${waiting} of it will be cancelled.`} Its keys are kept and work again when you resume it.
    </ConfirmDialog>
  );
}

function RemoveDialog({ agent, onClose }: { agent: Agent; onClose: () => void }) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const waiting = useWaiting(agent);
  const remove = async () => {
    await withPassword(() =>
      api.DELETE('/agents/{id}', {
        params: { path: { id: agent.id }, header: { 'If-Match': `"${agent.revision}"` } },
      }),
    );
    toast(`The agent ${agent.name} is removed.`);
    await navigate({ to: '/agents' });
    await client.invalidateQueries({ queryKey: ['agents'] });
  };
  return (
    <ConfirmDialog title={`Remove ${agent.name}?`} action="Remove the agent" onConfirm={remove} onClose={onClose}>
      All its keys are revoked for good, its calls are refused at once.
      {waiting !== '' && ` ${waiting} of it will be cancelled.`} What it did stays in the record.
    </ConfirmDialog>
  );
}

function Keys({ agent, isManager, who }: { agent: Agent; isManager: boolean; who: Schemas['Me'] | undefined }) {
  const { data, error, refetch } = useQuery(keys());
  const { data: sessions } = useQuery(agentSessions(agent.id));
  // A session knows of a call at once, the key some time later.
  const usedAt = (key: ApiKey) =>
    [key.last_used_at ?? '', ...(sessions ?? []).filter((one) => one.key_id === key.id).map((one) => one.last_active_at)].sort().at(-1) ?? '';
  const [isAdding, setAdding] = useState(false);
  const [issued, setIssued] = useState<Issued>();
  const [revoking, setRevoking] = useState<ApiKey>();
  const [showsOld, setShowsOld] = useState(false);
  const maySee = agent.owner_id === who?.person.id || (who?.permissions.includes('manage_keys') ?? false);
  const mine = data?.filter((key) => key.agent_id === agent.id) ?? [];
  const live = mine.filter(isLive);
  const old = mine.filter((key) => !isLive(key));
  const columns: readonly Column<ApiKey>[] = [
    { title: 'Key', isMain: true, cell: (key) => <SafeText text={key.name} /> },
    {
      title: 'State',
      cell: (key) =>
        isLive(key) ? (
          <StatusBadge status={agent.status} />
        ) : (
          <StatusBadge status={key.revoked_at ? 'cancelled' : 'expired'} label={key.revoked_at ? 'Revoked' : 'Expired'} />
        ),
    },
    { title: 'Made', isMinor: true, cell: (key) => <RelativeTime at={key.created_at} /> },
    {
      title: 'Last used',
      cell: (key) => (usedAt(key) ? <RelativeTime at={usedAt(key)} /> : <span className={classes.quiet}>never</span>),
    },
    {
      title: 'Ends',
      cell: (key) =>
        key.revoked_at ? (
          <RelativeTime at={key.revoked_at} />
        ) : key.expires_at ? (
          <RelativeTime at={key.expires_at} />
        ) : (
          <span className={classes.quiet}>when revoked</span>
        ),
    },
    ...(isManager
      ? [
          {
            title: 'Actions',
            isAction: true,
            align: 'right' as const,
            cell: (key: ApiKey) =>
              isLive(key) && (
                <Button variant="default" size="xs" onClick={() => setRevoking(key)}>
                  Revoke<span className="visually-hidden"> {key.name}</span>
                </Button>
              ),
          },
        ]
      : []),
  ];
  return (
    <Panel
      title="Keys"
      flush={Boolean(data) && mine.length > 0}
      actions={
        isManager && (
          <Button size="xs" onClick={() => setAdding(true)}>
            New key
          </Button>
        )
      }
    >
      {!data || !who ? (
        error ? (
          <ErrorPanel error={error} onRetry={() => void refetch()} />
        ) : (
          <LineSkeletons count={2} />
        )
      ) : !maySee ? (
        <p className={classes.hint}>Its owner and admins see its keys.</p>
      ) : mine.length === 0 ? (
        <EmptyState icon={Terminal} title="No keys yet">
          {isManager ? 'Without one it cannot call anything. Make one and give it to the agent.' : 'Without one it cannot call anything.'}
        </EmptyState>
      ) : (
        <>
          {live.length === 0 && !showsOld ? (
            <p className={classes.none}>No key works any more: it cannot call anything.</p>
          ) : (
            <DataTable label={`Keys of ${agent.name}`} columns={columns} rows={showsOld ? [...live, ...old] : live} rowKey={(key) => key.id} />
          )}
          {old.length > 0 && (
            <button type="button" className={classes.turn} aria-expanded={showsOld} onClick={() => setShowsOld(!showsOld)}>
              {showsOld ? 'Hide those that ended' : `Show ${old.length} that ended`}
            </button>
          )}
        </>
      )}
      {isAdding && (
        <NewKeyDialog
          agent={agent}
          onClose={() => setAdding(false)}
          onIssued={(made) => setIssued({ agent: agent.name, key: made.key })}
        />
      )}
      {issued && <AgentKeyIssued issued={issued} onClose={() => setIssued(undefined)} />}
      {revoking && <RevokeKey agent={agent} apiKey={revoking} onClose={() => setRevoking(undefined)} />}
    </Panel>
  );
}

function RevokeKey({ agent, apiKey, onClose }: { agent: Agent; apiKey: ApiKey; onClose: () => void }) {
  const client = useQueryClient();
  const { data: sessions } = useQuery(agentSessions(agent.id));
  const { data: pending } = useQuery(pendingApprovals());
  const open = sessions?.filter((one) => one.key_id === apiKey.id && !one.ended_at) ?? [];
  const waiting = pending?.filter((one) => open.some((session) => session.id === one.session_id)).length ?? 0;
  const revoke = async () => {
    await withPassword(() => api.DELETE('/auth/api-keys/{id}', { params: { path: { id: apiKey.id } } }));
    await client.invalidateQueries({ queryKey: ['keys'] });
    toast(`The key ${apiKey.name} is revoked.`);
  };
  return (
    <ConfirmDialog title={`Revoke ${apiKey.name}?`} action="Revoke key" onConfirm={revoke} onClose={onClose}>
      Calls with it are refused at once, and it cannot be taken back.{' '}
      {open.length + waiting === 0 ? (
        'Nothing is open with it now.'
      ) : (
        <>
          This ends now:
          <ul className={classes.ends}>
            {open.length > 0 && <li>{open.length === 1 ? 'its open session and streams' : `${open.length} open sessions and their streams`}</li>}
            {waiting > 0 && <li>{waiting === 1 ? 'one waiting request, which is cancelled' : `${waiting} waiting requests, which are cancelled`}</li>}
          </ul>
        </>
      )}
    </ConfirmDialog>
  );
}

function Sessions({ agent, isManager }: { agent: Agent; isManager: boolean }) {
  const client = useQueryClient();
  const { data, error, refetch } = useQuery(agentSessions(agent.id));
  const [ending, setEnding] = useState<RuntimeSession>();
  const columns: readonly Column<RuntimeSession>[] = [
    { title: 'Client', isMain: true, cell: (session) => <SafeText text={session.client || 'unnamed client'} /> },
    {
      title: 'State',
      cell: (session) =>
        session.ended_at ? (
          <span className={classes.ended}>
            <StatusBadge status="cancelled" label="Ended" />
            <span className={classes.quiet}>
              <SafeText text={session.end_reason} />
            </span>
          </span>
        ) : (
          <StatusBadge status="active" label="Open" />
        ),
    },
    { title: 'Began', cell: (session) => <RelativeTime at={session.started_at} /> },
    { title: 'Last call', cell: (session) => <RelativeTime at={session.last_active_at} /> },
    ...(isManager
      ? [
          {
            title: 'Actions',
            isAction: true,
            align: 'right' as const,
            cell: (session: RuntimeSession) =>
              !session.ended_at && (
                <Button variant="default" size="xs" onClick={() => setEnding(session)}>
                  End<span className="visually-hidden"> the session of {session.client}</span>
                </Button>
              ),
          },
        ]
      : []),
  ];
  const end = async (session: RuntimeSession) => {
    await withPassword(() =>
      api.POST('/runtime-sessions/{id}/end', { params: { path: { id: session.id } }, body: { reason: 'ended in the console' } }),
    );
    await client.invalidateQueries({ queryKey: ['sessions'] });
  };
  return (
    <Panel title="Sessions" flush={Boolean(data) && data?.length !== 0}>
      {!data ? (
        error ? (
          <ErrorPanel error={error} onRetry={() => void refetch()} />
        ) : (
          <LineSkeletons count={2} />
        )
      ) : data.length === 0 ? (
        <EmptyState icon={Bolt} title="It has not called anything yet">
          A session begins with its first call and ends after half an hour of silence.
        </EmptyState>
      ) : (
        <DataTable label={`Sessions of ${agent.name}`} columns={columns} rows={data} rowKey={(session) => session.id} />
      )}
      {ending && (
        <ConfirmDialog title="End this session?" action="End session" onConfirm={() => end(ending)} onClose={() => setEnding(undefined)}>
          Rules that count what happened in a session begin anew; the next call starts another one. To stop the agent,
          suspend it or revoke its key.
        </ConfirmDialog>
      )}
    </Panel>
  );
}
