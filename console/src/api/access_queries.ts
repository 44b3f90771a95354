import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { api, body, type Schemas } from './client.ts';

/** Who may do what: agents, keys, sessions, people, and what the server was told. */
export type Agent = Schemas['Agent'];
export type ApiKey = Schemas['ApiKey'];
export type AgentRule = Schemas['AgentRule'];
export type Person = Schemas['Person'];
export type Role = Schemas['Role'];
export type RuntimeSession = Schemas['RuntimeSession'];
export type SecretInfo = Schemas['SecretInfo'];

/** More are not listed in one page; nobody reads that many. */
const MOST = 2_000;

interface Page<T> {
  items: T[];
  next_cursor: string | null;
}

/** All pages of a listing, as far as a person could look at them. */
async function allOf<T>(page: (cursor: { cursor?: string }) => Promise<Page<T>>): Promise<T[]> {
  const items: T[] = [];
  let cursor: string | null = null;
  do {
    const next: Page<T> = await page(cursor ? { cursor } : {});
    items.push(...next.items);
    cursor = next.next_cursor;
  } while (cursor && items.length < MOST);
  return items;
}

export const agents = () =>
  queryOptions({
    queryKey: ['agents'],
    queryFn: async ({ signal }) => (await body(api.GET('/agents', { signal }))).items,
  });

/** Its rules: those of the account, of itself and of its keys. */
export const agentRules = ({ id, revision }: Agent) =>
  queryOptions({
    queryKey: ['policy', 'agent', id, revision],
    queryFn: ({ signal }) => body(api.GET('/agents/{id}/access-rules', { params: { path: { id } }, signal })),
    // Under another name it has other rules, hence the revision; another key may have some, too.
    placeholderData: keepPreviousData,
    staleTime: 0,
  });

/** Those that one may see: one's own, one's agents', or all of them. */
export const keys = () =>
  queryOptions({
    queryKey: ['keys'],
    queryFn: ({ signal }) =>
      allOf((cursor) => body(api.GET('/auth/api-keys', { params: { query: { limit: 200, ...cursor } }, signal }))),
    // Using a key is no event: when it was last used is read again whenever somebody looks.
    staleTime: 0,
  });

/** The newest of all agents: they say when an agent was last seen. */
export const recentSessions = () =>
  queryOptions({
    queryKey: ['sessions', 'recent'],
    queryFn: async ({ signal }) =>
      (await body(api.GET('/runtime-sessions', { params: { query: { limit: 200 } }, signal }))).items,
    staleTime: 0,
    refetchOnWindowFocus: true,
  });

export const agentSessions = (agent: string) =>
  queryOptions({
    queryKey: ['sessions', 'agent', agent],
    queryFn: async ({ signal }) =>
      (await body(api.GET('/runtime-sessions', { params: { query: { agent, limit: 20 } }, signal }))).items,
    staleTime: 0,
    refetchOnWindowFocus: true,
  });

export const people = () =>
  queryOptions({
    queryKey: ['people'],
    queryFn: async ({ signal }) => (await body(api.GET('/users', { signal }))).items,
  });

export const permissions = () =>
  queryOptions({
    queryKey: ['permissions'],
    queryFn: async ({ signal }) => (await body(api.GET('/permissions', { signal }))).items,
  });

/** One's own console sessions. Signing in is no event. */
export const logins = () =>
  queryOptions({
    queryKey: ['logins'],
    queryFn: async ({ signal }) => (await body(api.GET('/auth/sessions', { signal }))).items,
    staleTime: 0,
    refetchOnWindowFocus: true,
  });

export const secrets = () =>
  queryOptions({
    queryKey: ['secrets'],
    queryFn: async ({ signal }) => (await body(api.GET('/secrets', { signal }))).items,
  });

export const workflows = () =>
  queryOptions({
    queryKey: ['workflows'],
    queryFn: async ({ signal }) => (await body(api.GET('/approval-workflows', { signal }))).items,
  });

export type WrittenWorkflow = Schemas['WrittenWorkflow'] & { etag: string };
export type NewWorkflow = Schemas['NewWorkflow'];

/** One as the policy has it: teams by their names, and the version a change of it is based on. */
export async function fetchWorkflow(name: string, signal?: AbortSignal): Promise<WrittenWorkflow> {
  const { data, response } = await api.GET('/approval-workflows/{name}', { params: { path: { name } }, ...(signal ? { signal } : {}) });
  return { ...(data as Schemas['WrittenWorkflow']), etag: response.headers.get('ETag') ?? '' };
}

export const workflow = (name: string) =>
  queryOptions({ queryKey: ['workflows', 'one', name], queryFn: ({ signal }) => fetchWorkflow(name, signal), staleTime: 0 });

export async function putWorkflow(name: string, next: NewWorkflow, etag: string): Promise<void> {
  await api.PUT('/approval-workflows/{name}', { params: { path: { name }, header: { 'If-Match': etag } }, body: next });
}

export async function removeWorkflow(name: string): Promise<void> {
  const { etag } = await fetchWorkflow(name);
  await api.DELETE('/approval-workflows/{name}', { params: { path: { name }, header: { 'If-Match': etag } } });
}

export type Team = Schemas['Team'];

export const teams = () =>
  queryOptions({
    queryKey: ['workflows', 'teams'],
    queryFn: async ({ signal }) => (await body(api.GET('/teams', { signal }))).items,
  });

export async function setTeam(name: string, members: string[]): Promise<void> {
  await api.PUT('/teams/{name}', { params: { path: { name } }, body: { members } });
}

export async function removeTeam(name: string): Promise<void> {
  await api.DELETE('/teams/{name}', { params: { path: { name } } });
}

/** Who would be asked when, as people are now. */
export const workflowPlan = (name: string) =>
  queryOptions({
    queryKey: ['workflows', 'plan', name],
    queryFn: async ({ signal }) => (await body(api.GET('/approval-workflows/{name}/simulate', { params: { path: { name } }, signal }))).items,
    staleTime: 0,
  });

export const system = () =>
  queryOptions({
    queryKey: ['settings', 'system'],
    queryFn: ({ signal }) => body(api.GET('/system', { signal })),
  });

export const policyVersions = () =>
  queryOptions({
    queryKey: ['policy', 'versions'],
    queryFn: async ({ signal }) =>
      (await body(api.GET('/policies/versions', { params: { query: { limit: 100 } }, signal }))).items,
  });

/** One of them, with its document. */
export async function policyVersion(number: number): Promise<Schemas['PolicyVersion']> {
  return await body(api.GET('/policies/versions/{number}', { params: { path: { number } } }));
}

/** The policy in force as the text that can be kept in git. */
export async function exportPolicy(): Promise<Schemas['PolicyExport']> {
  return await body(api.GET('/policies/export', { headers: { Accept: 'application/json' } })) as Schemas['PolicyExport'];
}
