import { useMutation, useQueryClient } from '@tanstack/react-query';
import { api, body } from '#api/client.ts';
import { placeApproval } from '#api/live_updates.ts';
import { isApiError } from '#api/problem.ts';
import { approval, exactAs, type Approval } from '#api/queries.ts';

export type Decision = 'approve' | 'decline' | 'release';

/** A decision about one request. What the server answers is put wherever the request is shown. */
export function useDecide(id: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async ({ decision, comment }: { decision: Decision; comment: string }) => {
      const options = {
        params: { path: { id } },
        body: comment.trim() === '' ? {} : { comment: comment.trim() },
        parseAs: 'text',
      } as const;
      const answer =
        decision === 'approve'
          ? api.POST('/approval-requests/{id}/approve', options)
          : decision === 'decline'
            ? api.POST('/approval-requests/{id}/decline', options)
            : api.POST('/approval-requests/{id}/release', options);
      return exactAs<Approval>(await body(answer));
    },
    onSuccess: (request) => placeApproval(client, request),
    onError: (error) => {
      // Somebody was faster: show what it is now.
      if (isApiError(error, 409)) void client.invalidateQueries({ queryKey: approval(id).queryKey });
    },
  });
}
