import type { Tool } from '#api/tool_queries.ts';
import { StatusBadge } from '#components/status_badge.tsx';

/** What is special about a tool, if anything is. */
export function ToolMark({ tool }: { tool: Tool }) {
  if (!tool.enabled) return <StatusBadge status="suspended" label="Off" />;
  if (tool.pin === 'new_tool') return <StatusBadge status="pending" label="New" />;
  if (tool.pin === 'changed') return <StatusBadge status="pending" label="Changed" />;
  if (tool.schema_problem !== '') return <StatusBadge status="unknown" label="No schema" />;
  return null;
}
