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

/** Whose rules: everybody's, an agent's, or one key's (with the agent that uses it, when it is known). */
export type Caller = { scope: 'account' } | { scope: 'agent'; name: string } | { scope: 'key'; name: string; agent?: string };

export const EVERYBODY: Caller = { scope: 'account' };

/** What a scope says about one tool, as one writes it. */
export interface ToolRules {
  caller: Caller;
  rules: RuleText[];
  /** Of an agent or key: may it use the tool at all? */
  enabled?: boolean;
}

function ruleBody({ caller, rules, enabled }: ToolRules): Schemas['NewAccessRules'] {
  return {
    scope: caller.scope,
    ...(caller.scope === 'account' ? {} : { scope_name: caller.name }),
    ...(enabled === undefined ? {} : { enabled }),
    rules,
  };
}

function namesOf(caller: Caller): { agent?: string; key?: string } {
  switch (caller.scope) {
    case 'account':
      return {};
    case 'agent':
      return { agent: caller.name };
    case 'key':
      return { key: caller.name, ...(caller.agent === undefined ? {} : { agent: caller.agent }) };
  }
}

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

export async function putRules(id: string, next: ToolRules, etag: string): Promise<AccessRules> {
  const { data, response } = await api.PUT('/tools/{id}/access-rules', {
    params: { path: { id }, header: { 'If-Match': etag } },
    body: ruleBody(next),
  });
  return { ...(data as Schemas['AccessRules']), etag: response.headers.get('ETag') ?? '' };
}

/** The policy as it would be with these rules: for trying them out. */
async function draftDocument(id: string, draft: ToolRules, signal: AbortSignal): Promise<string> {
  return (await body(api.POST('/tools/{id}/access-rules/draft', { params: { path: { id } }, body: ruleBody(draft), signal }))).document;
}

export type Effective = Schemas['EffectivePolicy'];

/** What holds a caller, tool by tool. */
export const effective = (caller: Caller) => {
  const { agent, key } = namesOf(caller);
  return queryOptions({
    queryKey: ['policy', 'effective', agent ?? '', key ?? ''],
    queryFn: ({ signal }) =>
      body(api.GET('/policies/effective', { params: { query: { ...(agent ? { agent_name: agent } : {}), ...(key ? { key_name: key } : {}) } }, signal })),
  });
};

export type Trial = Schemas['PolicyExplanation']['items'][number];
export type TrialStep = Schemas['PolicyStep'];

/** What would happen to a call of the tool with these arguments (JSON of an object), now or with a draft. */
export const trial = (tool: Pick<Tool, 'id' | 'exposed_name'>, args: string, caller: Caller, draft?: ToolRules) =>
  queryOptions({
    queryKey: ['policy', 'trial', tool.id, args, caller, draft],
    queryFn: async ({ signal }) => {
      const document = draft && (await draftDocument(tool.id, draft, signal));
      // The arguments go as they were written: a number that JavaScript would round stays itself.
      const rest = JSON.stringify({ tool: tool.exposed_name, ...namesOf(caller), ...(document === undefined ? {} : { document }) });
      const answer = await body(
        api.POST('/policies/explain', {
          body: { tool: tool.exposed_name },
          bodySerializer: () => `${rest.slice(0, -1)},"args":${args}}`,
          signal,
        }),
      );
      return answer.items[0];
    },
    retry: false,
    gcTime: 60_000,
  });

export type Replay = Schemas['PolicyReplayReport'];

/** What a draft would have decided otherwise over the calls of the last days. */
export async function replayDraft(id: string, draft: ToolRules, days: number, signal: AbortSignal): Promise<Replay> {
  const document = await draftDocument(id, draft, signal);
  return await body(api.POST('/policies/replay', { body: { document, days }, signal }));
}

/** What conditions can say: it changes with the server, not while one looks. */
export const conditionLanguage = () =>
  queryOptions({
    queryKey: ['condition-language'],
    queryFn: ({ signal }) => body(api.GET('/policies/condition-language', { signal })),
    staleTime: Infinity,
  });

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
