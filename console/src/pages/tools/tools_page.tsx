import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { me, servers } from '#api/queries.ts';
import { tools, type Tool } from '#api/tool_queries.ts';
import { backLink } from '#components/back_link.tsx';
import { EmptyState } from '#components/empty_state.tsx';
import { ErrorPanel } from '#components/error_panel.tsx';
import { Tools as ToolsIcon } from '#components/icons.tsx';
import { Plus } from '#components/icons_tools.tsx';
import { useKeys } from '#components/keys.tsx';
import { PageHeader, usePageTitle } from '#components/page_header.tsx';
import { Panel } from '#components/panel.tsx';
import { LineSkeletons } from '#components/skeletons.tsx';
import { Split, useIsWide } from '#components/split.tsx';
import { ServerDetail } from './server_detail.tsx';
import { ServerForm } from './server_form.tsx';
import { ToolDetail } from './tool_detail.tsx';
import { fits, ToolTree, type Show } from './tool_tree.tsx';

/** What agents can reach, and the rules about it. */
export function ToolsPage() {
  const navigate = useNavigate({ from: '/tools' });
  const search = useSearch({ from: '/shell/tools' });
  const isWide = useIsWide();
  const { data: who } = useQuery(me());
  const { data: all, error, refetch } = useQuery(tools());
  const { data: known, error: serversError, refetch: refetchServers } = useQuery(servers());
  const readAgain = () => Promise.all([refetch(), refetchServers()]);
  const [isAdding, setAdding] = useState(false);
  const [query, setQuery] = useState('');
  const [show, setShow] = useState<Show>('all');
  const mayConfigure = who?.permissions.includes('configure_servers') === true;

  const shown = useMemo(() => (all ?? []).filter((one) => fits(one, query, show)), [all, query, show]);
  const hasChoice = search.tool !== undefined || search.server !== undefined;
  // Where there is room something is always shown: the first tool, until one chooses.
  const selectedTool = search.tool ?? (isWide && !search.server ? shown[0]?.id : undefined);

  const choose = (next: { tool?: string; server?: string }) =>
    void navigate({ search: next, replace: isWide && hasChoice, resetScroll: !isWide });
  const move = (step: number) => {
    const place = shown.findIndex((one) => one.id === selectedTool);
    const next = shown[Math.min(Math.max(place < 0 ? 0 : place + step, 0), shown.length - 1)];
    if (next) choose({ tool: next.id });
  };
  useKeys(isWide ? { j: () => move(1), k: () => move(-1) } : {});

  const detail = search.server ? (
    <ServerDetail key={search.server} id={search.server} heading={isWide ? 'h2' : 'h1'} onGone={() => choose({})} />
  ) : selectedTool ? (
    <ToolDetail key={selectedTool} id={selectedTool} heading={isWide ? 'h2' : 'h1'} />
  ) : null;

  const isAlone = !isWide && hasChoice;
  const problem = error ?? serversError;
  const isLoading = !all || !known;
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
      tools={all}
      servers={known}
      query={query}
      onQuery={setQuery}
      show={show}
      onShow={setShow}
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
          <Link to="/tools" search={{}} {...backLink('All tools')} />
        </div>
      ) : (
        <PageHeader
          title="Tools"
          about="What agents can reach, and the rules about it."
          actions={
            mayConfigure && (
              <Button leftSection={<Plus />} variant={isEmpty ? 'filled' : 'default'} onClick={() => setAdding(true)}>
                Add server
              </Button>
            )
          }
        />
      )}
      <Split list={isAlone ? null : list} detail={(isWide || isAlone) && !(isEmpty && !hasChoice) && (detail ?? nothing)} />
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

function TitleOf({ tool }: { tool: Tool | undefined }) {
  usePageTitle(tool ? tool.name : 'Tools');
  return null;
}
