import type { QueryClient, QueryFilters } from '@tanstack/react-query';
import { isApiError } from './problem.ts';
import { live, type LiveEvent } from './live.ts';
import { approval, fetchApproval, pendingApprovals, type Approval } from './queries.ts';

/** Which queries an event makes old, by the first word of their keys. */
const STALE: Record<string, readonly string[]> = {
  'call.completed': ['activity', 'status'],
  'server.updated': ['servers', 'tools', 'status', 'policy'],
  'tool.updated': ['tools', 'status', 'policy'],
  'policy.applied': ['policy', 'status', 'workflows', 'tools'],
  'agent.updated': ['agents', 'sessions'],
  'key.updated': ['keys', 'sessions'],
  'person.updated': ['people', 'me'],
  'session.updated': ['sessions'],
  'settings.updated': ['settings', 'secrets', 'notifications'],
  'audit.head': ['audit'],
  'audit.written': ['audit'],
  'storage.level': ['status'],
  'halt.updated': ['halts', 'approvals'],
};

/** A burst of events is one round of requests. */
const GATHER_MS = 40;

/** Keeps what is shown true to the server: reads again what an event names, never on a timer. */
export function followLive(client: QueryClient): () => void {
  const stale = new Set<string>();
  let timer: ReturnType<typeof setTimeout> | undefined;

  const gather = (keys: readonly string[]) => {
    for (const key of keys) stale.add(key);
    timer ??= setTimeout(() => {
      timer = undefined;
      const now = [...stale];
      stale.clear();
      for (const key of now) readAgain(client, { queryKey: [key] });
    }, GATHER_MS);
  };

  const stopEvents = live.onEvent((event) => {
    if (event.kind === 'reset') {
      readAgain(client);
    } else if (event.kind.startsWith('approval.')) {
      void readApproval(client, event);
      gather(['status', 'activity']);
    } else {
      gather(STALE[event.kind] ?? []);
    }
  });
  // What failed while the server was away is asked for again when it is back.
  const stopStates = live.onState((state) => {
    if (state !== 'live') return;
    void client.refetchQueries({ predicate: ({ state: query }) => query.status === 'error' });
  });
  return () => {
    clearTimeout(timer);
    stopEvents();
    stopStates();
  };
}

/**
 * As invalidateQueries, but a first answer that is on its way counts as old too: it may have been
 * read before what happened now.
 */
function readAgain(client: QueryClient, filters: QueryFilters = {}): void {
  for (const query of client.getQueryCache().findAll({ ...filters, fetchStatus: 'fetching' })) {
    if (query.state.data !== undefined) continue;
    const again = () => void client.invalidateQueries({ queryKey: query.queryKey, exact: true });
    query.promise?.then(again, again);
  }
  void client.invalidateQueries(filters);
}

/** One request instead of the whole queue again: a thousand may be waiting. */
async function readApproval(client: QueryClient, event: LiveEvent): Promise<void> {
  try {
    placeApproval(client, await fetchApproval(event.ref));
  } catch (error) {
    // Without an answer the reset that follows the reconnection reads everything.
    if (!isApiError(error, 404)) readAgain(client, { queryKey: ['approvals'] });
  }
}

/** Puts a request as it is now wherever it is shown. An older revision never replaces a newer one. */
export function placeApproval(client: QueryClient, request: Approval): void {
  const one = approval(request.id).queryKey;
  const known = client.getQueryData(one);
  if (known && known.revision > request.revision) return;
  client.setQueryData(one, request);
  client.setQueryData(pendingApprovals().queryKey, (list) => {
    if (!list) return list;
    const place = list.findIndex(({ id }) => id === request.id);
    if (request.status !== 'pending') return place < 0 ? list : list.toSpliced(place, 1);
    return place < 0 ? [...list, request] : list.with(place, request);
  });
  // A listing that is on its way may have been read before this.
  if (client.isFetching({ queryKey: pendingApprovals().queryKey }) > 0) {
    readAgain(client, { queryKey: pendingApprovals().queryKey });
  }
  void client.invalidateQueries({ queryKey: ['approvals', 'history'] });
}
