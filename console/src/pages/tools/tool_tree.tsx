import { TextInput } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useEffect, useRef, useState } from 'react';
import type { Server, Tool } from '#api/tool_queries.ts';
import { ChevronRight } from '#components/icons.tsx';
import { Search } from '#components/icons_tools.tsx';
import { Key } from '#components/keys.tsx';
import { SafeText } from '#components/safe_text.tsx';
import { StatusBadge } from '#components/status_badge.tsx';
import { ToolMark } from './tool_mark.tsx';
import classes from './tool_tree.module.css';

export type Show = 'all' | 'waiting' | 'off' | 'schema';

const SHOWS: readonly { value: Show; label: string }[] = [
  { value: 'all', label: 'All' },
  { value: 'waiting', label: 'New or changed' },
  { value: 'off', label: 'Off' },
  { value: 'schema', label: 'Schema unusable' },
];

function isShown(tool: Tool, show: Show): boolean {
  switch (show) {
    case 'all':
      return true;
    case 'waiting':
      return tool.pin !== 'accepted';
    case 'off':
      return !tool.enabled;
    case 'schema':
      return tool.schema_problem !== '';
  }
}

function isFound(tool: Tool, query: string): boolean {
  const wanted = query.trim().toLowerCase();
  return (
    wanted === '' ||
    tool.exposed_name.toLowerCase().includes(wanted) ||
    tool.server.toLowerCase().includes(wanted) ||
    tool.description.toLowerCase().includes(wanted)
  );
}

export function fits(tool: Tool, query: string, show: Show): boolean {
  return isShown(tool, show) && isFound(tool, query);
}

/** Servers with their tools below; the choice is in the address. */
export function ToolTree({
  tools,
  servers,
  query,
  onQuery,
  show,
  onShow,
  selectedTool,
  selectedServer,
}: {
  tools: readonly Tool[];
  servers: readonly Server[];
  query: string;
  onQuery: (query: string) => void;
  show: Show;
  onShow: (show: Show) => void;
  selectedTool: string | undefined;
  selectedServer: string | undefined;
}) {
  const found = tools.filter((one) => isFound(one, query));
  const counts = new Map(SHOWS.map(({ value }) => [value, found.filter((one) => isShown(one, value)).length]));
  const offered = SHOWS.filter(({ value }) => value === 'all' || value === show || tools.some((one) => isShown(one, value)));
  const isFiltered = query.trim() !== '' || show !== 'all';
  const groups = servers
    .map((server) => ({ server, items: found.filter((one) => one.server_id === server.id && isShown(one, show)) }))
    .filter(({ items }) => items.length > 0 || !isFiltered);
  const builtIn = found.filter((one) => isShown(one, show) && !servers.some((server) => server.id === one.server_id));
  return (
    <div className={classes.side}>
      <TextInput
        type="search"
        aria-label="Search tools"
        placeholder="Search name or description"
        leftSection={<Search />}
        value={query}
        onChange={(event) => onQuery(event.currentTarget.value)}
      />
      {offered.length > 1 && (
        <div className={classes.filters} role="group" aria-label="Show">
          {offered.map(({ value, label }) => (
            <button key={value} type="button" className={classes.filter} aria-pressed={show === value} onClick={() => onShow(value)}>
              {label} <span className={classes.count}>{counts.get(value)}</span>
            </button>
          ))}
        </div>
      )}
      <p className="visually-hidden" role="status" aria-live="polite">
        {isFiltered ? `${counts.get(show)} tools` : ''}
      </p>
      {groups.map(({ server, items }) => (
        <Group key={server.id} server={server} items={items} selectedTool={selectedTool} isSelected={server.id === selectedServer} />
      ))}
      {builtIn.length > 0 && <Group server={undefined} items={builtIn} selectedTool={selectedTool} isSelected={false} />}
      {groups.length === 0 && builtIn.length === 0 && <p className={classes.none}>No tool fits.</p>}
      <p className={classes.hint}>
        <Key>j</Key> <Key>k</Key> <span>next and previous tool</span>
      </p>
    </div>
  );
}

function Group({
  server,
  items,
  selectedTool,
  isSelected,
}: {
  server: Server | undefined;
  items: readonly Tool[];
  selectedTool: string | undefined;
  isSelected: boolean;
}) {
  const [isOpen, setOpen] = useState(true);
  const name = server?.name ?? 'Built in';
  return (
    <section className={classes.group} aria-label={name}>
      <div className={classes.head} data-selected={isSelected || undefined}>
        <button type="button" className={classes.turn} aria-expanded={isOpen} aria-label={`Tools of ${name}`} onClick={() => setOpen(!isOpen)}>
          <ChevronRight size={14} />
        </button>
        {server ? (
          <Link to="/tools" search={{ server: server.id }} className={classes.server} aria-current={isSelected ? 'true' : undefined} data-server={server.name}>
            <span className={classes.serverName}>
              <SafeText text={server.name} />
            </span>
            {server.status === 'ready' ? (
              <span className={classes.size}>{items.length === 1 ? '1 tool' : `${items.length} tools`}</span>
            ) : (
              <StatusBadge status={server.status} label={server.status === 'failed' ? 'Down' : 'Connecting'} />
            )}
          </Link>
        ) : (
          <span className={classes.server}>{name}</span>
        )}
      </div>
      {isOpen && items.length > 0 && (
        <ul className={classes.list}>
          {items.map((tool) => (
            <Row key={tool.id} tool={tool} isSelected={tool.id === selectedTool} />
          ))}
        </ul>
      )}
    </section>
  );
}

function Row({ tool, isSelected }: { tool: Tool; isSelected: boolean }) {
  const element = useRef<HTMLAnchorElement>(null);
  useEffect(() => {
    if (isSelected) element.current?.scrollIntoView({ block: 'nearest' });
  }, [isSelected]);
  return (
    <li className={classes.item}>
      <Link
        ref={element}
        to="/tools"
        search={{ tool: tool.id }}
        className={classes.row}
        aria-current={isSelected ? 'true' : undefined}
        data-selected={isSelected || undefined}
        data-tool={tool.exposed_name}
      >
        <span className={classes.name} data-off={!tool.enabled || undefined}>
          <SafeText text={tool.name} />
        </span>
        <ToolMark tool={tool} />
      </Link>
    </li>
  );
}
