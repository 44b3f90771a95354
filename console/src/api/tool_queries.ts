import { queryOptions } from '@tanstack/react-query';
import { api, body, type Schemas } from './client.ts';

export type Tool = Schemas['Tool'];
export type Server = Schemas['Server'];
export type ServerConfig = Schemas['ServerConfig'];
export type AccessRule = Schemas['AccessRule'];
export type Action = Schemas['Action'];

/** What one writes into a rule; the rest is where it stands. */
export type RuleText = Schemas['NewAccessRules']['rules'][number];

/** More than a person reads; what is behind them is found by searching. */
const MOST_TOOLS = 5_000;

/** Every tool, in the order of servers, without definitions. */
export const tools = () =>
  queryOptions({
    queryKey: ['tools', 'list'],
    queryFn: async ({ signal }) => {
      const items: Tool[] = [];
      let cursor: string | null = null;
      do {
        const page: Schemas['ToolList'] = await body(
          api.GET('/tools', { params: { query: { limit: 200, ...(cursor ? { cursor } : {}) } }, signal }),
        );
        items.push(...page.items);
        cursor = page.next_cursor;
      } while (cursor && items.length < MOST_TOOLS);
      return items;
    },
  });

export const tool = (id: string) =>
  queryOptions({
    queryKey: ['tools', 'one', id],
    queryFn: ({ signal }) => body(api.GET('/tools/{id}', { params: { path: { id } }, signal })),
  });

export type AccessRules = Schemas['AccessRules'] & { etag: string };

export async function fetchRules(id: string, signal?: AbortSignal): Promise<AccessRules> {
  const { data, response } = await api.GET('/tools/{id}/access-rules', {
    params: { path: { id } },
    ...(signal ? { signal } : {}),
  });
  return { ...(data as Schemas['AccessRules']), etag: response.headers.get('ETag') ?? '' };
}

/** The rules that speak about a tool, and the version that a change of them is based on. */
export const accessRules = (id: string) =>
  queryOptions({ queryKey: ['policy', 'rules', id], queryFn: ({ signal }) => fetchRules(id, signal) });

export async function putRules(id: string, rules: RuleText[], etag: string): Promise<AccessRules> {
  const { data, response } = await api.PUT('/tools/{id}/access-rules', {
    params: { path: { id }, header: { 'If-Match': etag } },
    body: { rules },
  });
  return { ...(data as Schemas['AccessRules']), etag: response.headers.get('ETag') ?? '' };
}

export type ConditionFinding = Schemas['ConditionFinding'];

/** What the server finds in a condition for what this tool takes. */
export const conditionCheck = (when: string, tool: string) =>
  queryOptions({
    queryKey: ['condition', when, tool],
    queryFn: async ({ signal }) => (await body(api.POST('/policies/check-condition', { body: { when, tool }, signal }))).findings,
    enabled: when.trim() !== '',
    gcTime: 60_000,
  });

export const workflows = () =>
  queryOptions({
    queryKey: ['workflows'],
    queryFn: async ({ signal }) => (await body(api.GET('/approval-workflows', { signal }))).items,
  });

/** Their names; only for those who manage them. */
export const secretNames = (isAllowed: boolean) =>
  queryOptions({
    queryKey: ['secrets', 'names'],
    queryFn: async ({ signal }) => (await body(api.GET('/secrets', { signal }))).items.map(({ name }) => name),
    enabled: isAllowed,
  });
