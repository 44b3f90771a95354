import type { Approval } from '#api/queries.ts';
import { sentence } from '#components/error_panel.tsx';

/** Why a person is asked, by the verdict's cause. */
export function causeWords(request: Approval): string {
  switch (request.cause) {
    case 'rule':
      return request.message === '' ? 'A rule asks for a person.' : '';
    case 'rule_error':
      return 'A rule could not be evaluated, so a person decides.';
    case 'no_match':
      return 'No rule of this tool fits these arguments, and the default asks for a person.';
    case 'unknown_tool':
      return 'No rule speaks about this tool, and the default asks for a person.';
    case 'new_tool':
      return 'The tool is new or has changed since it was accepted.';
    default:
      return '';
  }
}

/** Which rule: "Rule 2 of the account". */
export function ruleWords(rule: NonNullable<Approval['rule']>): string {
  const whose =
    rule.scope === 'account' ? 'the account' : `the ${rule.scope} ${rule.scope_name}`;
  return `Rule ${rule.position} of ${whose}`;
}

/** A step of what happens by itself, without its time. */
export function stepWords(step: Approval['steps'][number], steps: Approval['steps']): string {
  const whom = step.approvers.length === 0 ? 'everybody with the role approver or more' : step.approvers.join(', ');
  switch (step.kind) {
    case 'asked':
      return `${whom} ${steps.some((other) => other.kind === 'escalated') ? 'is asked first' : 'is asked'}`;
    case 'reminder':
      return `a reminder: ${step.percent} % of the time is over`;
    case 'escalated':
      return `${whom} is asked, too`;
    case 'expires':
      return 'the request ends, the agent is told, and nothing runs';
  }
}

/** What came of it, for everything that does not wait any more. */
export function outcomeWords(request: Approval): string {
  const reason = request.closing_reason === '' ? '' : sentence(request.closing_reason);
  switch (request.status) {
    case 'pending': {
      const quorum = Math.max(1, ...request.workflows.map((workflow) => workflow.quorum));
      const approvals = request.votes.filter((vote) => vote.decision === 'approve').length;
      return quorum > 1 ? `${approvals} of ${quorum} have approved.` : '';
    }
    case 'approved':
      return 'Approved. The call runs when the agent comes for it; the approval is good for this call only.';
    case 'executing':
      return 'Approved, and on its way to the tool.';
    case 'succeeded':
      return 'Approved, and done: the tool answered.';
    case 'failed': {
      const found = /^released:\s*(.*)$/s.exec(request.closing_reason);
      if (found) return `It may or may not have happened; a person looked, and the agent may ask again.${found[1] ? ` They found: ${sentence(found[1])}` : ''}`;
      return `Approved, but the tool failed.${reason ? ` ${reason}` : ''}`;
    }
    case 'unknown':
      return `It may or may not have happened: the answer was lost.${reason ? ` ${reason}` : ''} Look there before you let it be asked for again.`;
    case 'declined':
      return 'Declined. The agent was told, with the comment.';
    case 'expired':
      return 'Nobody decided in time. The agent was told.';
    case 'superseded':
      return 'The rules came to ask for another approval. Nothing was executed; the agent may ask again.';
    case 'cancelled':
      return reason ? `Cancelled. ${reason}` : 'Cancelled before anybody decided.';
  }
}
