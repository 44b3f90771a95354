import { TextInput } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useEffect, useRef, useState } from 'react';
import type { Caller, Server, Tool } from '#api/tool_queries.ts';
import { CheckCircle, ChevronRight, Question, ShieldLock, XOctagon, type Icon } from '#components/icons.tsx';
import { Search } from '#components/icons_tools.tsx';
import { Key } from '#components/keys.tsx';
import { SafeText } from '#components/safe_text.tsx';
import { StatusBadge } from '#components/status_badge.tsx';
import { isShown, type Outcome, type Outlook, type Show } from '#lib/tool_outlook.ts';
import { callerText } from './caller.ts';
import { ToolMark } from './tool_mark.tsx';
import { useToolSwitch } from './tool_switch.tsx';
import classes from './tool_tree.module.css';

function isFound(tool: Tool, query: string): boolean {
  const wanted = query.trim().toLowerCase();
  return (
    wanted === '' ||
    tool.exposed_name.toLowerCase().includes(wanted) ||
    tool.server.toLowerCase().includes(wanted) ||
    tool.description.toLowerCase().includes(wanted)
  );
}

export type Outlooks = ReadonlyMap<string, Outlook>;

/** Those that are searched for, in their order; by cost the dearest first. */
export function found(tools: readonly Tool[], outlooks: Outlooks, query: string, show: Show): Tool[] {
  const out = tools.filter((tool) => isShown(tool, outlooks.get(tool.id), show) && isFound(tool, query));
  return show === 'cost' ? out.sort((one, other) => other.context_tokens - one.context_tokens) : out;
}

/** Servers with their tools below; the choice is in the address. */
export function ToolTree({
  tools,
  outlooks,
  servers,
  query,
  onQuery,
  show,
  caller,
  mayConfigure,
  selectedTool,
  selectedServer,
}: {
  /** Those that are shown. */
  tools: readonly Tool[];
  outlooks: Outlooks;
  servers: readonly Server[];
  query: string;
  onQuery: (query: string) => void;
  show: Show;
  caller: Caller;
  mayConfigure: boolean;
  selectedTool: string | undefined;
  selectedServer: string | undefined;
}) {
  const isFiltered = query.trim() !== '' || show !== 'all';
  const groups = servers
    .map((server) => ({ server, items: tools.filter((one) => one.server_id === server.id) }))
    .filter(({ items }) => items.length > 0 || !isFiltered);
  const builtIn = tools.filter((one) => !servers.some((server) => server.id === one.server_id));
  const row = { outlooks, isPriced: show === 'cost', caller, maySwitch: caller.scope === 'account' && mayConfigure };
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
      <p className="visually-hidden" role="status" aria-live="polite">
        {isFiltered ? `${tools.length} tools` : ''}
      </p>
      {groups.map(({ server, items }) => (
        <Group key={server.id} server={server} items={items} selectedTool={selectedTool} isSelected={server.id === selectedServer} row={row} />
      ))}
      {builtIn.length > 0 && <Group server={undefined} items={builtIn} selectedTool={selectedTool} isSelected={false} row={row} />}
      {groups.length === 0 && builtIn.length === 0 && <p className={classes.none}>No tool fits.</p>}
      <p className={classes.hint}>
        <Key>j</Key> <Key>k</Key> <span>next and previous tool</span>
      </p>
    </div>
  );
}

/** What rows need besides their tool. */
interface RowProps {
  outlooks: Outlooks;
  isPriced: boolean;
  caller: Caller;
  maySwitch: boolean;
}

function Group({
  server,
  items,
  selectedTool,
  isSelected,
  row,
}: {
  server: Server | undefined;
  items: readonly Tool[];
  selectedTool: string | undefined;
  isSelected: boolean;
  row: RowProps;
}) {
  const caller = callerText(row.caller);
  const [isOpen, setOpen] = useState(true);
  const name = server?.name ?? 'Built in';
  return (
    <section className={classes.group} aria-label={name}>
      <div className={classes.head} data-selected={isSelected || undefined}>
        <button type="button" className={classes.turn} aria-expanded={isOpen} aria-label={`Tools of ${name}`} onClick={() => setOpen(!isOpen)}>
          <ChevronRight size={14} />
        </button>
        {server ? (
          <Link to="/tools" search={{ server: server.id, ...(caller ? { caller } : {}) }} className={classes.server} aria-current={isSelected ? 'true' : undefined} data-server={server.name}>
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
            <Row key={tool.id} tool={tool} isSelected={tool.id === selectedTool} {...row} />
          ))}
        </ul>
      )}
    </section>
  );
}

const LOOKS: Record<Outcome, { icon: Icon; tone: string; words: string }> = {
  allow: { icon: CheckCircle, tone: 'green', words: 'allowed' },
  require_approval: { icon: ShieldLock, tone: 'blue', words: 'needs approval' },
  deny: { icon: XOctagon, tone: 'red', words: 'denied' },
  depends: { icon: Question, tone: 'grey', words: 'by condition' },
};

function Row({ tool, isSelected, outlooks, isPriced, caller, maySwitch }: RowProps & { tool: Tool; isSelected: boolean }) {
  const element = useRef<HTMLAnchorElement>(null);
  useEffect(() => {
    if (isSelected) element.current?.scrollIntoView({ block: 'nearest' });
  }, [isSelected]);
  const outcome = outlooks.get(tool.id)?.outcome;
  const look = outcome && LOOKS[outcome];
  const Drawing = look?.icon;
  const who = callerText(caller);
  return (
    <li className={classes.item} data-selected={isSelected || undefined}>
      <Link
        ref={element}
        to="/tools"
        search={{ tool: tool.id, ...(who ? { caller: who } : {}) }}
        className={classes.row}
        aria-current={isSelected ? 'true' : undefined}
        data-tool={tool.exposed_name}
        data-outcome={outcome}
      >
        <span className={classes.outcome} data-tone={look?.tone} title={look?.words}>
          {Drawing && <Drawing size={15} />}
        </span>
        <span className={classes.name} data-off={!tool.enabled || undefined}>
          <SafeText text={tool.name} />
        </span>
        {look && <span className="visually-hidden">, {look.words}</span>}
        {isPriced ? <span className={classes.price}>~{tool.context_tokens.toLocaleString('en')} tokens</span> : <ToolMark tool={tool} />}
      </Link>
      {maySwitch && <RowSwitch tool={tool} />}
    </li>
  );
}

/** Native, because there may be thousands. */
function RowSwitch({ tool }: { tool: Tool }) {
  const { isOn, turn } = useToolSwitch(tool);
  return (
    <input
      type="checkbox"
      role="switch"
      className={classes.switch}
      aria-label={`Agents may use ${tool.exposed_name}`}
      checked={isOn}
      onChange={(event) => turn(event.currentTarget.checked)}
    />
  );
}
