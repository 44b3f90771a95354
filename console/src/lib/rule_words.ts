/** A rule in words, for those who do not read CEL. */
export interface RuleWords {
  action: 'allow' | 'require_approval' | 'deny' | 'observe';
  when?: string;
  workflow?: string;
  message?: string;
  enabled?: boolean;
}

export function effectWords(rule: RuleWords, tool: string): string {
  if (rule.enabled === false) return 'Switched off: it is skipped until somebody switches it on.';
  const isAlways = (rule.when ?? '').trim() === '';
  const which = isAlways ? `every call of ${tool}` : `calls of ${tool} that fit the condition`;
  const message = (rule.message ?? '').trim();
  switch (rule.action) {
    case 'allow':
      return `${capital(which)} ${isAlways ? 'runs' : 'run'} without asking anybody.${isAlways ? '' : ' If the condition cannot be evaluated, the next rule decides.'}`;
    case 'require_approval':
      return `${capital(which)} ${isAlways ? 'waits' : 'wait'} until ${approvers(rule.workflow)} approved.${isAlways ? '' : ' So do calls for which the condition cannot be evaluated.'}`;
    case 'observe':
      return `The record says which calls fit; nothing else happens: the next rule decides.`;
    case 'deny':
      return `${capital(which)} ${isAlways ? 'is' : 'are'} refused${message ? ', and the agent reads the message' : ''}.${isAlways ? '' : ' So are calls for which the condition cannot be evaluated.'}`;
  }
}

function approvers(workflow: string | undefined): string {
  return workflow ? `the workflow “${workflow}” has` : 'a person has';
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** What the server found wrong with a condition, and where. Lines and columns count from 1. */
export interface ConditionProblem {
  message: string;
  line?: number;
  column?: number;
}

/** The line a problem is on, cut at it: columns are code points. */
export function splitAt(source: string, problem: ConditionProblem): { before: string; at: string; after: string } | undefined {
  if (problem.line === undefined || problem.column === undefined) return undefined;
  const points = [...(source.split('\n')[problem.line - 1] ?? '')];
  const place = Math.min(problem.column - 1, points.length);
  return {
    before: points.slice(0, place).join(''),
    at: points[place] ?? '',
    after: points.slice(place + 1).join(''),
  };
}

/** The list with one rule moved to another place; the same list when it cannot. */
export function moved<T>(rules: readonly T[], from: number, to: number): T[] {
  const out = [...rules];
  if (from < 0 || to < 0 || from >= out.length || to >= out.length) return out;
  const [one] = out.splice(from, 1);
  out.splice(to, 0, one as T);
  return out;
}
