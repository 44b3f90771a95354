import { Button, NativeSelect, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useEffect, useId, useState } from 'react';
import { agentNames, SHOWS, SINCES, type RecordFilter } from '#api/audit_queries.ts';
import { tools } from '#api/tool_queries.ts';
import classes from './record_list.module.css';

/** What of the record is shown; the choice is the page's address. */
export function RecordFilters({ filter }: { filter: RecordFilter }) {
  const navigate = useNavigate({ from: '/audit' });
  const { data: agents } = useQuery(agentNames());
  const { data: known } = useQuery(tools());
  const names = useId();
  const [tool, setTool] = useState(filter.tool ?? '');
  const [isCustom, setCustom] = useState(filter.from !== undefined || filter.until !== undefined);
  useEffect(() => setTool(filter.tool ?? ''), [filter.tool]);

  const set = (change: RecordFilter) => {
    const next = { ...filter, ...change };
    // Nothing stands in the address that says nothing.
    const search = Object.fromEntries(Object.entries(next).filter(([, value]) => value !== undefined && value !== ''));
    void navigate({ search, replace: true, resetScroll: false });
  };
  const isFiltered = Object.keys(filter).length > 0;
  return (
    <form
      className={classes.filters}
      role="search"
      aria-label="Filter the record"
      onSubmit={(event) => {
        event.preventDefault();
        set({ tool: tool.trim() });
      }}
    >
      <NativeSelect
        label="What"
        value={filter.show ?? ''}
        onChange={(event) => set({ show: event.currentTarget.value })}
        data={SHOWS.map(({ value, label }) => ({ value, label }))}
      />
      <NativeSelect
        label="Agent"
        value={filter.agent ?? ''}
        onChange={(event) => set({ agent: event.currentTarget.value })}
        data={[{ value: '', label: 'Every agent' }, ...(agents ?? (filter.agent ? [{ id: filter.agent, name: '…' }] : [])).map(({ id, name }) => ({ value: id, label: name }))]}
      />
      <TextInput
        label="Tool"
        placeholder="Every tool"
        list={names}
        autoComplete="off"
        autoCapitalize="off"
        value={tool}
        onChange={(event) => {
          const { value } = event.currentTarget;
          setTool(value);
          // One from the list, or none, counts at once; what is typed with Enter or on leaving.
          if (value === '' || known?.some((one) => one.name === value)) set({ tool: value });
        }}
        onBlur={() => {
          if (tool.trim() !== (filter.tool ?? '')) set({ tool: tool.trim() });
        }}
      />
      <datalist id={names}>
        {[...new Set(known?.map((one) => one.name))].map((name) => (
          <option key={name} value={name} />
        ))}
      </datalist>
      <NativeSelect
        label="Time"
        value={isCustom ? 'custom' : (filter.since ?? '')}
        onChange={(event) => {
          const { value } = event.currentTarget;
          setCustom(value === 'custom');
          set({ since: value === 'custom' ? '' : value, from: '', until: '' });
        }}
        data={[{ value: '', label: 'Any time' }, ...SINCES.map(({ value, label }) => ({ value, label })), { value: 'custom', label: 'From … until …' }]}
      />
      {isCustom && (
        <>
          <TextInput type="datetime-local" label="From" value={toLocal(filter.from)} onChange={(event) => set({ from: fromLocal(event.currentTarget.value) })} />
          <TextInput type="datetime-local" label="Until" value={toLocal(filter.until)} onChange={(event) => set({ until: fromLocal(event.currentTarget.value) })} />
        </>
      )}
      {isFiltered && (
        <Button
          variant="subtle"
          className={classes.clear ?? ''}
          onClick={() => {
            setCustom(false);
            void navigate({ search: {}, replace: true });
          }}
        >
          Clear
        </Button>
      )}
    </form>
  );
}

/** The address has UTC, the field the time of this machine. */
function toLocal(at: string | undefined): string {
  const time = at ? Date.parse(at) : Number.NaN;
  if (Number.isNaN(time)) return '';
  return new Date(time - new Date(time).getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

function fromLocal(text: string): string {
  const time = Date.parse(text);
  return Number.isNaN(time) ? '' : new Date(time).toISOString();
}
