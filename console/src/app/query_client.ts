import { QueryClient } from '@tanstack/react-query';

/**
 * Answers stay good until an event says otherwise (api/live_updates.ts), so nothing is asked twice
 * and nothing on a timer. What failed is asked again by the person, or when the stream is back.
 */
export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: Infinity,
      retry: false,
      refetchOnWindowFocus: false,
      refetchOnReconnect: false,
      networkMode: 'always',
    },
    mutations: { networkMode: 'always' },
  },
});
