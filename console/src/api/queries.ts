import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { parseExact } from '#lib/exact_json.ts';
import { api, body, type Schemas } from './client.ts';

export type Approval = Schemas['Approval'];
export type ApprovalStatus = Schemas['ApprovalStatus'];

/**
 * What pages read. The first word of a key is what `live_updates.ts` invalidates by. Add a resource
 * here, its events there.
 */
export const me = () =>
  queryOptions({ queryKey: ['me'], queryFn: ({ signal }) => body(api.GET('/auth/me', { signal })) });

export const status = () =>
  queryOptions({
    queryKey: ['status'],
    queryFn: ({ signal }) => body(api.GET('/status', { signal })),
  });

/** Every scope that can be halted, and whether it is. */
export const halts = () =>
  queryOptions({
    queryKey: ['halts'],
    queryFn: async ({ signal }) => (await body(api.GET('/account/kill-switch', { signal }))).items,
  });

/** What agents did in the last hour and day. */
export const activity = () =>
  queryOptions({
    queryKey: ['activity'],
    queryFn: ({ signal }) => body(api.GET('/activity', { signal })),
    // Calls that nobody is asked about are no events: it is read again whenever somebody looks.
    staleTime: 0,
    refetchOnWindowFocus: true,
  });

export const servers = () =>
  queryOptions({
    queryKey: ['servers'],
    queryFn: async ({ signal }) => (await body(api.GET('/mcp-servers', { signal }))).items,
  });

/** Approvals carry arguments: their numbers stay as the agent wrote them. */
export function exactAs<T>(text: string): T {
  return parseExact(text) as T;
}

type ApprovalPage = Schemas['ApprovalList'];

async function approvalPage(
  query: { status?: ApprovalStatus; cursor?: string; limit?: number },
  signal: AbortSignal,
): Promise<ApprovalPage> {
  const answer = api.GET('/approval-requests', { params: { query }, parseAs: 'text', signal });
  return exactAs<ApprovalPage>(await body(answer));
}

export async function fetchApproval(id: string, signal?: AbortSignal): Promise<Approval> {
  const answer = api.GET('/approval-requests/{id}', {
    params: { path: { id } },
    parseAs: 'text',
    ...(signal ? { signal } : {}),
  });
  return exactAs<Approval>(await body(answer));
}

/** More are shown when these are decided. */
export const MOST_PENDING = 2_000;

/** All that wait, oldest first: who has waited longest is in front. */
export const pendingApprovals = () =>
  queryOptions({
    queryKey: ['approvals', 'pending'],
    queryFn: async ({ signal }) => {
      const items: Approval[] = [];
      let cursor: string | null = null;
      do {
        const page: ApprovalPage = await approvalPage(
          { status: 'pending', limit: 200, ...(cursor ? { cursor } : {}) },
          signal,
        );
        items.push(...page.items);
        cursor = page.next_cursor;
      } while (cursor && items.length < MOST_PENDING);
      return items.reverse();
    },
  });

export const approval = (id: string) =>
  queryOptions({
    queryKey: ['approvals', 'one', id],
    queryFn: ({ signal }) => fetchApproval(id, signal),
  });

/** Newest first, those that wait included. */
export const approvalHistory = () =>
  infiniteQueryOptions({
    queryKey: ['approvals', 'history'],
    queryFn: ({ pageParam, signal }) =>
      approvalPage({ limit: 50, ...(pageParam ? { cursor: pageParam } : {}) }, signal),
    initialPageParam: '',
    getNextPageParam: (last: ApprovalPage) => last.next_cursor ?? undefined,
  });
