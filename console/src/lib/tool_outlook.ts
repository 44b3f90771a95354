/** What calls of a tool meet, as the effective policy tells it. */
export type Outcome = 'allow' | 'require_approval' | 'deny' | 'depends';

export type Show = 'all' | 'available' | 'allow' | 'require_approval' | 'deny' | 'depends' | 'quarantined' | 'changed' | 'schema' | 'cost';

/** As much of a tool as its place in the statistics depends on. */
export interface OutlookTool {
  id: string;
  server_id: string;
  enabled: boolean;
  pin: 'accepted' | 'new_tool' | 'changed';
  schema_problem: string;
  context_tokens: number;
}

export interface Outlook {
  outcome: Outcome;
  /** An agent finds it in its list and its server answers. */
  isAvailable: boolean;
}

export function isShown(tool: OutlookTool, outlook: Outlook | undefined, show: Show): boolean {
  switch (show) {
    case 'all':
      return true;
    case 'available':
    case 'cost':
      return outlook?.isAvailable === true;
    case 'quarantined':
      return tool.pin !== 'accepted';
    case 'changed':
      return tool.pin === 'changed';
    case 'schema':
      return tool.schema_problem !== '';
    default:
      return outlook?.outcome === show;
  }
}

/** What the definitions of these tools cost an agent in each request. */
export function contextCost(tools: readonly OutlookTool[], outlooks: ReadonlyMap<string, Outlook>): number {
  return tools.reduce((sum, tool) => sum + (outlooks.get(tool.id)?.isAvailable ? tool.context_tokens : 0), 0);
}

/** 940, 1.2k, 18k: more digits would be a promise. */
export function shortCount(count: number): string {
  if (count < 1_000) return String(count);
  const thousands = count / 1_000;
  return `${thousands < 10 ? thousands.toFixed(1).replace(/\.0$/, '') : Math.round(thousands)}k`;
}
