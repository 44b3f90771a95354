import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { me, servers } from '#api/queries.ts';
import { keys as keysQuery, agents as agentsQuery } from '#api/access_queries.ts';
import { effective, tools, type Caller, type Tool } from '#api/tool_queries.ts';
import { backLink } from '#components/back_link.tsx';
import { EmptyState } from '#components/empty_state.tsx';
import { ErrorPanel } from '#components/error_panel.tsx';
import { Tools as ToolsIcon } from '#components/icons.tsx';
import { Plus } from '#components/icons_tools.tsx';
import { useKeys } from '#components/keys.tsx';
import { PageHeader, usePageTitle } from '#components/page_header.tsx';
import { Panel } from '#components/panel.tsx';
import { LineSkeletons } from '#components/skeletons.tsx';
import { SafeText } from '#components/safe_text.tsx';
import { Split, useIsWide } from '#components/split.tsx';
import { ServerDetail } from './server_detail.tsx';
import { ServerForm } from './server_form.tsx';
import { ToolDetail } from './tool_detail.tsx';
import type { Show } from '#lib/tool_outlook.ts';
import { callerWords, readCaller } from './caller.ts';
import { ImportDialog, TransferButtons } from './policy_transfer.tsx';
import { ScopeSwitch } from './scope_switch.tsx';
import { ToolStats } from './tool_stats.tsx';
import { found, ToolTree, type Outlooks } from './tool_tree.tsx';
import classes from './tools_page.module.css';

/** What agents can reach, and the rules about it. */
export function ToolsPage() {
  const navigate = useNavigate({ from: '/tools' });
  const search = useSearch({ from: '/shell/tools' });
  const isWide = useIsWide();
  const { data: who } = useQuery(me());
  const { data: all, error, refetch } = useQuery(tools());
  const { data: known, error: serversError, refetch: refetchServers } = useQuery(servers());
  const [isAdding, setAdding] = useState(false);
  const [isImporting, setImporting] = useState(false);
  const [query, setQuery] = useState('');
  const [show, setShow] = useState<Show>('all');
  const mayConfigure = who?.permissions.includes('configure_servers') === true;
  const caller = useCaller(search.caller);
  const { data: held, error: heldError, refetch: refetchHeld } = useQuery(effective(caller));
  const readAgain = () => Promise.all([refetch(), refetchServers(), refetchHeld()]);
  const outlooks: Outlooks = useMemo(() => {
    const ready = new Set((known ?? []).filter(({ status }) => status === 'ready').map(({ id }) => id));
    const places = new Map((all ?? []).map((one) => [one.id, one.server_id]));
    // A tool of no server is built in.
    const isThere = (id: string) => !known?.some((server) => server.id === id) || ready.has(id);
    return new Map((held?.items ?? []).map(({ id, outcome, listed }) => [id, { outcome, isAvailable: listed && isThere(places.get(id) ?? '') }]));
  }, [all, known, held]);

  const shown = useMemo(() => found(all ?? [], outlooks, query, show), [all, outlooks, query, show]);
  const hasChoice = search.tool !== undefined || search.server !== undefined;
  // Where there is room something is always shown: the first tool, until one chooses.
  const selectedTool = search.tool ?? (isWide && !search.server ? shown[0]?.id : undefined);

  const kept = search.caller === undefined ? {} : { caller: search.caller };
  const choose = (next: { tool?: string; server?: string }) =>
    void navigate({ search: { ...next, ...kept }, replace: isWide && hasChoice, resetScroll: !isWide });
  const chooseCaller = (next: string | undefined) => {
    const { caller: _, ...rest } = search;
    void navigate({ search: { ...rest, ...(next === undefined ? {} : { caller: next }) }, replace: true, resetScroll: false });
  };
  const scope = <ScopeSwitch caller={caller} onChoose={chooseCaller} />;
  const move = (step: number) => {
    const place = shown.findIndex((one) => one.id === selectedTool);
    const next = shown[Math.min(Math.max(place < 0 ? 0 : place + step, 0), shown.length - 1)];
    if (next) choose({ tool: next.id });
  };
  useKeys(isWide ? { j: () => move(1), k: () => move(-1) } : {});

  const detail = search.server ? (
    <ServerDetail key={search.server} id={search.server} heading={isWide ? 'h2' : 'h1'} onGone={() => choose({})} />
  ) : selectedTool ? (
    <ToolDetail key={selectedTool} id={selectedTool} caller={caller} heading={isWide ? 'h2' : 'h1'} />
  ) : null;

  const isAlone = !isWide && hasChoice;
  const problem = error ?? serversError ?? heldError;
  const isLoading = !all || !known || !held;
  const isEmpty = known?.length === 0;
  const list = isLoading ? (
    problem ? (
      <ErrorPanel error={problem} onRetry={() => void readAgain()} />
    ) : (
      <LineSkeletons count={8} />
    )
  ) : isEmpty ? (
    <Panel>
      <EmptyState icon={ToolsIcon} title="No server yet">
        {mayConfigure
          ? 'Add the MCP server that your agent uses now. Its tools show here, and every call of them goes by your rules.'
          : 'When an admin adds an MCP server, its tools show here.'}
      </EmptyState>
    </Panel>
  ) : (
    <ToolTree
      tools={shown}
      outlooks={outlooks}
      servers={known}
      query={query}
      onQuery={setQuery}
      show={show}
      caller={caller}
      mayConfigure={mayConfigure}
      selectedTool={isWide ? selectedTool : undefined}
      selectedServer={isWide ? search.server : undefined}
    />
  );
  const nothing = isLoading ? (
    !problem && <LineSkeletons count={5} height={88} />
  ) : (
    <Panel>
      <EmptyState icon={ToolsIcon} title="Nothing chosen">
        Choose a tool or a server from the list.
      </EmptyState>
    </Panel>
  );
  return (
    <>
      {isAlone ? (
        <div>
          <TitleOf tool={all?.find((one) => one.id === search.tool)} />
          <Link to="/tools" search={kept} {...backLink('All tools')} />
          {search.tool !== undefined && <div className={classes.scope}>{scope}</div>}
        </div>
      ) : (
        <PageHeader
          title="Tools"
          about="What agents can reach, and the rules about it."
          actions={
            <>
              <TransferButtons onImport={() => setImporting(true)} />
              {mayConfigure && (
                <Button leftSection={<Plus />} variant={isEmpty ? 'filled' : 'default'} onClick={() => setAdding(true)}>
                  Add server
                </Button>
              )}
            </>
          }
        />
      )}
      {!isAlone && !isLoading && !isEmpty && (
        <>
          <div className={classes.scope}>
            {scope}
            {caller.scope !== 'account' && (
              <p className={classes.whose}>
                What holds <SafeText text={callerWords(caller)} />: everybody’s rules and its own, the strictest counts.
              </p>
            )}
          </div>
          <ToolStats tools={all} outlooks={outlooks} show={show} onShow={setShow} />
        </>
      )}
      <Split list={isAlone ? null : list} detail={(isWide || isAlone) && !(isEmpty && !hasChoice) && (detail ?? nothing)} />
      {isImporting && <ImportDialog onClose={() => setImporting(false)} />}
      {isAdding && (
        <ServerForm
          onClose={() => setAdding(false)}
          onDone={(server) => {
            setAdding(false);
            choose({ server: server.id });
          }}
        />
      )}
    </>
  );
}

function useCaller(text: string | undefined): Caller {
  const { data: keys } = useQuery(keysQuery());
  const { data: agents } = useQuery(agentsQuery());
  return useMemo(
    () =>
      readCaller(text, (name) => {
        const key = keys?.find((one) => one.name === name && !one.revoked_at);
        return agents?.find(({ id }) => id === key?.agent_id)?.name;
      }),
    [text, keys, agents],
  );
}

function TitleOf({ tool }: { tool: Tool | undefined }) {
  usePageTitle(tool ? tool.name : 'Tools');
  return null;
}
