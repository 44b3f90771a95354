import { useMutation, useQueryClient } from '@tanstack/react-query';
import { api, body } from '#api/client.ts';
import { tool as toolQuery, tools, type Tool } from '#api/tool_queries.ts';
import { toast } from '#components/toasts.tsx';

/** Whether agents see a tool, for everybody. The policy can keep it off whatever the switch says. */
export function useToolSwitch(tool: Tool): { isOn: boolean; turn: (isOn: boolean) => void } {
  const client = useQueryClient();
  const change = useMutation({
    mutationFn: async (isOn: boolean) => {
      const options = { params: { path: { id: tool.id } } };
      return await body(isOn ? api.POST('/tools/{id}/enable', options) : api.POST('/tools/{id}/disable', options));
    },
    onSuccess: (after, isOn) => {
      client.setQueryData(toolQuery(tool.id).queryKey, after);
      client.setQueryData(tools().queryKey, (list) => list?.map((one) => (one.id === tool.id ? { ...one, enabled: after.enabled } : one)));
      void client.invalidateQueries({ queryKey: ['tools', 'list'] });
      void client.invalidateQueries({ queryKey: ['policy', 'effective'] });
      if (isOn && !after.enabled) toast('The policy keeps it off: “enabled: false” under tools.', 'problem');
      else toast(isOn ? `${tool.name} is on` : `${tool.name} is off: agents do not see it`);
    },
    onError: (error) => toast(error.message, 'problem'),
  });
  return { isOn: change.isPending ? change.variables : tool.enabled, turn: change.mutate };
}
