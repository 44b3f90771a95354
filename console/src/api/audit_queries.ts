import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import type { AuditLine } from '#lib/record_words.ts';
import { serverNow } from './clock.ts';
import { api, body, type Schemas } from './client.ts';
import { exactAs } from './queries.ts';
import type { paths } from './schema.ts';

/** What the address of the page says; everything else follows from it. */
export interface RecordFilter {
  show?: string;
  agent?: string;
  tool?: string;
  since?: string;
  from?: string;
  until?: string;
}

type Query = NonNullable<paths['/audit']['get']['parameters']['query']>;

/** The choices of what is shown, and how the server is asked for them. */
export const SHOWS: readonly { value: string; label: string; query: Query }[] = [
  { value: '', label: 'Calls', query: { group: 'calls' } },
  { value: 'allowed', label: 'Calls: allowed', query: { action: 'allow' } },
  { value: 'held', label: 'Calls: held for a person', query: { action: 'require_approval' } },
  { value: 'denied', label: 'Calls: denied', query: { action: 'deny' } },
  { value: 'done', label: 'Calls: done', query: { outcome: 'succeeded' } },
  { value: 'tool_error', label: 'Calls: the tool reported an error', query: { outcome: 'tool_error' } },
  { value: 'upstream_error', label: 'Calls: the server failed', query: { outcome: 'upstream_error' } },
  { value: 'unknown', label: 'Calls: outcome unknown', query: { outcome: 'unknown' } },
  { value: 'config', label: 'Rules, servers, secrets', query: { group: 'config' } },
  { value: 'agents', label: 'Agents', query: { group: 'agent' } },
  { value: 'keys', label: 'Keys', query: { group: 'key' } },
  { value: 'people', label: 'People', query: { group: 'person' } },
  { value: 'auth', label: 'Sign-ins', query: { group: 'auth' } },
  { value: 'system', label: 'The server', query: { group: 'system' } },
  { value: 'all', label: 'Everything', query: {} },
];

export const SINCES: readonly { value: string; label: string; hours: number }[] = [
  { value: '1h', label: 'Last hour', hours: 1 },
  { value: '24h', label: 'Last 24 hours', hours: 24 },
  { value: '7d', label: 'Last 7 days', hours: 7 * 24 },
  { value: '30d', label: 'Last 30 days', hours: 30 * 24 },
];

function queryOf(filter: RecordFilter): Query {
  const hours = SINCES.find((one) => one.value === filter.since)?.hours;
  const from = hours ? new Date(serverNow() - hours * 3_600_000).toISOString() : filter.from;
  return {
    ...SHOWS.find((one) => one.value === (filter.show ?? ''))?.query,
    ...(filter.agent ? { agent: filter.agent } : {}),
    ...(filter.tool ? { tool: filter.tool } : {}),
    ...(from ? { from } : {}),
    ...(filter.until ? { until: filter.until } : {}),
  };
}

export interface RecordPage {
  items: AuditLine[];
  next_cursor: string | null;
}

const PAGE = 100;

async function recordPage(filter: RecordFilter, cursor: string, signal: AbortSignal): Promise<RecordPage> {
  const query = { ...queryOf(filter), limit: PAGE, ...(cursor ? { cursor } : {}) };
  return (await body(api.GET('/audit', { params: { query }, signal }))) as unknown as RecordPage;
}

/** The record, newest first. Not read again when it grows: `newRecords` brings what came. */
export const records = (filter: RecordFilter) =>
  infiniteQueryOptions({
    queryKey: ['record', filter],
    queryFn: ({ pageParam, signal }) => recordPage(filter, pageParam, signal),
    initialPageParam: '',
    getNextPageParam: (last: RecordPage) => last.next_cursor ?? undefined,
  });

/** The newest page once more, whenever the record grew. */
export const newRecords = (filter: RecordFilter) =>
  queryOptions({
    queryKey: ['audit', 'news', filter],
    queryFn: ({ signal }) => recordPage(filter, '', signal),
  });

export type CallStory = Omit<Schemas['CallStory'], 'items'> & { items: AuditLine[] };
export type Payload = Schemas['CallStory']['payloads'][number];

export const callStory = (id: string) =>
  queryOptions({
    queryKey: ['audit', 'call', id],
    queryFn: async ({ signal }) => exactAs<CallStory>(await body(api.GET('/audit/calls/{id}', { params: { path: { id } }, parseAs: 'text', signal }))),
  });

export const heads = () =>
  queryOptions({ queryKey: ['audit', 'heads'], queryFn: ({ signal }) => body(api.GET('/audit/heads', { signal })) });

/** Those who may be filtered by. */
export const agentNames = () =>
  queryOptions({
    queryKey: ['agents', 'names'],
    queryFn: async ({ signal }) => (await body(api.GET('/agents', { signal }))).items.map(({ id, name }) => ({ id, name })),
  });

/** The export as the server writes it, to be kept as a file. */
export async function exportRecord(filter: RecordFilter, withContents: boolean): Promise<Blob> {
  const { from, until } = queryOf(filter);
  const query = { include: withContents ? ('payloads' as const) : ('records' as const), ...(from ? { from } : {}), ...(until ? { until } : {}) };
  const { data } = await api.GET('/audit/export', { params: { query }, parseAs: 'blob' });
  return data as unknown as Blob;
}
