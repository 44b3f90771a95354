import { Button } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { api, body } from '#api/client.ts';
import { isApiError } from '#api/problem.ts';
import { me, servers } from '#api/queries.ts';
import { tools, type Server, type Tool } from '#api/tool_queries.ts';
import { CodeBlock } from '#components/code_block.tsx';
import { ConfirmDialog } from '#components/confirm_dialog.tsx';
import { EmptyState } from '#components/empty_state.tsx';
import { ErrorPanel, sentence } from '#components/error_panel.tsx';
import { Question, Warning } from '#components/icons.tsx';
import { Pencil, Refresh, Trash } from '#components/icons_tools.tsx';
import { Panel } from '#components/panel.tsx';
import { SafeText } from '#components/safe_text.tsx';
import { LineSkeletons } from '#components/skeletons.tsx';
import { StatusBadge } from '#components/status_badge.tsx';
import { RelativeTime } from '#components/times.tsx';
import { toast } from '#components/toasts.tsx';
import { duration } from '#lib/time.ts';
import { adviceFor } from './server_advice.ts';
import { ServerForm } from './server_form.tsx';
import { ToolMark } from './tool_mark.tsx';
import classes from './server_detail.module.css';

/** One MCP server: is it there, what is it, and what goes with it. */
export function ServerDetail({ id, heading, onGone }: { id: string; heading: 'h1' | 'h2'; onGone: () => void }) {
  const { data: known, error, refetch } = useQuery(servers());
  const server = known?.find((one) => one.id === id);
  if (!known) return error ? <ErrorPanel error={error} onRetry={() => void refetch()} /> : <LineSkeletons count={4} height={88} />;
  if (!server) {
    return (
      <Panel>
        <EmptyState icon={Question} heading={heading === 'h1' ? 'h1' : 'p'} title="This server is gone">
          Somebody removed it, or the link was cut.
        </EmptyState>
      </Panel>
    );
  }
  return <Detail server={server} heading={heading} onGone={onGone} />;
}

function Detail({ server, heading: Heading, onGone }: { server: Server; heading: 'h1' | 'h2'; onGone: () => void }) {
  const client = useQueryClient();
  const { data: who } = useQuery(me());
  const { data: all } = useQuery(tools());
  const [isRemoving, setRemoving] = useState(false);
  const [isChanging, setChanging] = useState(false);
  const mayConfigure = who?.permissions.includes('configure_servers') === true;
  const own = (all ?? []).filter((one) => one.server_id === server.id);
  const waiting = own.filter((one) => one.pin !== 'accepted');
  const readAgain = () => {
    void client.invalidateQueries({ queryKey: ['servers'] });
    void client.invalidateQueries({ queryKey: ['tools'] });
  };

  const scan = useMutation({
    mutationFn: () => body(api.POST('/mcp-servers/{id}/scan', { params: { path: { id: server.id } } })),
    onSuccess: (after) => toast(`${after.name} lists ${after.tools === 1 ? '1 tool' : `${after.tools} tools`}`),
    onSettled: readAgain,
  });
  const accept = useMutation({
    mutationFn: () => body(api.POST('/mcp-servers/{id}/accept', { params: { path: { id: server.id } } })),
    onSuccess: () => toast(`Accepted what ${server.name} offers`),
    onSettled: readAgain,
  });
  const remove = async () => {
    try {
      await api.DELETE('/mcp-servers/{id}', { params: { path: { id: server.id }, header: { 'If-Match': `"${server.revision}"` } } });
    } catch (error) {
      // Somebody else was faster, which is what was wanted.
      if (!isApiError(error, 404)) throw error;
    }
    toast(`Removed ${server.name}`);
    onGone();
    readAgain();
  };
  const advice = server.status === 'failed' ? adviceFor(server) : undefined;

  return (
    <article className={classes.detail} data-server-detail={server.name}>
      <header className={classes.head}>
        <div className={classes.words}>
          <Heading className={classes.title}>
            <SafeText text={server.name} />
          </Heading>
          <StatusBadge status={server.status} {...(server.status === 'failed' ? { label: 'Down' } : {})} />
        </div>
        {mayConfigure && (
          <div className={classes.actions}>
            <Button variant="default" leftSection={<Refresh />} loading={scan.isPending} onClick={() => scan.mutate()}>
              Scan now
            </Button>
            <Button variant="default" leftSection={<Pencil />} onClick={() => setChanging(true)}>
              Change
            </Button>
            <Button variant="default" leftSection={<Trash />} onClick={() => setRemoving(true)}>
              Remove
            </Button>
          </div>
        )}
      </header>
      {advice ? (
        <section className={classes.down} role="alert" aria-label="Why it is down">
          <Warning size={18} />
          <div className={classes.downWords}>
            <b>
              <SafeText text={sentence(advice.reason)} lines />
            </b>
            <p>{advice.todo}</p>
            {advice.command && <CodeBlock text={advice.command} label="Copy the command" />}
          </div>
        </section>
      ) : (
        scan.error && <ErrorPanel error={scan.error} />
      )}
      {accept.error && <ErrorPanel error={accept.error} />}
      {waiting.length > 0 && (
        <section className={classes.waiting}>
          <p>
            <b>{waiting.length === 1 ? 'One tool is' : `${waiting.length} tools are`} new or changed.</b> Look at each; until they are accepted, the policy’s default for new tools applies to them.
          </p>
          {mayConfigure && (
            <Button loading={accept.isPending} onClick={() => accept.mutate()}>
              {waiting.length === 1 ? 'Accept it' : `Accept all ${waiting.length}`}
            </Button>
          )}
        </section>
      )}
      <Panel title="How it is reached">
        <dl className={classes.facts}>
          <dt>Transport</dt>
          <dd>{server.transport === 'stdio' ? 'A command on Preloop’s machine (stdio)' : 'Streamable HTTP'}</dd>
          {server.config.url !== undefined && (
            <>
              <dt>Address</dt>
              <dd className={classes.code}>
                <SafeText text={server.config.url} />
              </dd>
            </>
          )}
          {server.config.command !== undefined && (
            <>
              <dt>Command</dt>
              <dd className={classes.code}>
                <SafeText text={[server.config.command, ...(server.config.args ?? [])].join(' ')} />
              </dd>
            </>
          )}
          <dt>Signs in</dt>
          <dd>
            {server.config.auth?.type === 'bearer' ? (
              <>
                with <code className={classes.code}>{<SafeText text={server.config.auth.token ?? ''} />}</code>
              </>
            ) : Object.keys(server.config.headers ?? {}).length > 0 ? (
              <SafeText text={`with ${Object.keys(server.config.headers ?? {}).join(', ')}`} />
            ) : (
              'without a credential'
            )}
          </dd>
          {server.config.call_timeout !== undefined && (
            <>
              <dt>Longest call</dt>
              <dd>{duration(server.config.call_timeout)}</dd>
            </>
          )}
          <dt>Last scan</dt>
          <dd>{server.last_scan_at ? <RelativeTime at={server.last_scan_at} /> : 'never'}</dd>
        </dl>
      </Panel>
      <Panel title={own.length === 1 ? '1 tool' : `${own.length} tools`} flush>
        {own.length === 0 ? (
          <p className={classes.none}>{server.status === 'ready' ? 'It lists no tool.' : 'Its tools show when it was reached once.'}</p>
        ) : (
          <ul className={classes.list}>
            {own.map((tool) => (
              <ToolRow key={tool.id} tool={tool} />
            ))}
          </ul>
        )}
      </Panel>
      {isChanging && <ServerForm server={server} onClose={() => setChanging(false)} onDone={() => setChanging(false)} />}
      {isRemoving && (
        <ConfirmDialog title={`Remove ${server.name}`} action="Remove server" onConfirm={remove} onClose={() => setRemoving(false)}>
          <p className={classes.lead}>
            {own.length === 0 ? 'It has no tools.' : own.length === 1 ? 'Its tool disappears for every agent at once.' : `Its ${own.length} tools disappear for every agent at once.`}
          </p>
          <ul className={classes.consequences}>
            <li>Calls that wait for a decision cannot run any more, even when they are approved.</li>
            <li>Rules that name its tools stay in the policy and speak of nothing. Added again under this name, they apply again.</li>
            <li>The record keeps every call that was made.</li>
            <li>A secret that it used stays until somebody removes it.</li>
          </ul>
        </ConfirmDialog>
      )}
    </article>
  );
}

function ToolRow({ tool }: { tool: Tool }) {
  return (
    <li>
      <Link to="/tools" search={{ tool: tool.id }} className={classes.row}>
        <span className={classes.rowWords}>
          <span className={classes.toolName}>
            <SafeText text={tool.name} />
          </span>
          <span className={classes.about}>
            <SafeText text={tool.description.slice(0, 300)} />
          </span>
        </span>
        <ToolMark tool={tool} />
      </Link>
    </li>
  );
}
