import { isApiError } from '#api/problem.ts';
import { fetchRules, putRules, type AccessRule, type AccessRules, type Caller, type RuleText, type ToolRules } from '#api/tool_queries.ts';

/** Somebody changed the rules of this tool meanwhile; `now` is what they are. */
export class RulesConflict extends Error {
  readonly now: AccessRules;
  constructor(now: AccessRules) {
    super('Somebody else changed these rules meanwhile. Here they are as they are now; look, and do it again.');
    this.name = 'RulesConflict';
    this.now = now;
  }
}

export function textOf(rule: AccessRule): RuleText {
  return {
    action: rule.action,
    enabled: rule.enabled,
    ...(rule.when === '' ? {} : { when: rule.when }),
    ...(rule.workflow === '' ? {} : { workflow: rule.workflow }),
    ...(rule.message === '' ? {} : { message: rule.message }),
    ...(rule.description === '' ? {} : { description: rule.description }),
    ...(rule.tagged.length === 0 ? {} : { tagged: rule.tagged }),
    ...(rule.justification === 'none' ? {} : { justification: rule.justification }),
  };
}

/** The tool's own rules of a scope, in their order. */
export function ownRules(rules: AccessRules, caller: Caller): AccessRule[] {
  if (caller.scope === 'account') return rules.items.filter((rule) => rule.own);
  return rules.scoped.filter((rule) => rule.own && rule.scope === caller.scope && rule.scope_name === caller.name);
}

/** May the agent or key use the tool at all? */
export function isOffFor(rules: AccessRules, caller: Caller): boolean {
  return caller.scope !== 'account' && rules.off_for.some((one) => one.scope === caller.scope && one.scope_name === caller.name);
}

/** What a change is compared by. */
function ownText(rules: AccessRules, caller: Caller): string {
  return JSON.stringify([ownRules(rules, caller).map(textOf), isOffFor(rules, caller)]);
}

/**
 * Replaces the tool's own rules in a scope. The version counts for the whole policy: when only
 * something else in it changed, it is tried again on what is there now.
 */
export async function changeRules(id: string, based: AccessRules, next: ToolRules): Promise<AccessRules> {
  try {
    return await putRules(id, next, based.etag);
  } catch (error) {
    if (!isApiError(error, 412)) throw error;
  }
  const now = await fetchRules(id);
  if (ownText(now, next.caller) !== ownText(based, next.caller)) throw new RulesConflict(now);
  try {
    return await putRules(id, next, now.etag);
  } catch (error) {
    if (isApiError(error, 412)) throw new RulesConflict(await fetchRules(id));
    throw error;
  }
}
