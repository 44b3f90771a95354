import { useId, type ReactNode } from 'react';
import type { Approval } from '#api/queries.ts';
import { JsonView } from '#components/json_view.tsx';
import { SafeText } from '#components/safe_text.tsx';
import { StatusBadge } from '#components/status_badge.tsx';
import { Countdown, RelativeTime } from '#components/times.tsx';
import { Warning } from '#components/icons.tsx';
import { duration } from '#lib/time.ts';
import classes from './approval_view.module.css';
import { DecisionBar } from './decision_bar.tsx';
import { causeWords, outcomeWords, ruleWords, stepWords } from './words.ts';

/**
 * One request, with everything a decision needs: what will happen, who asks, why it was stopped.
 * The queue shows it beside the list, `/approval/{id}` by itself.
 */
export function ApprovalView({
  request,
  heading,
  onDecided,
  actions,
}: {
  request: Approval;
  /** The level that fits where it stands. */
  heading: 'h1' | 'h2';
  onDecided?: ((request: Approval) => void) | undefined;
  /** In the place of what somebody signed in decides with. */
  actions?: ReactNode;
}) {
  const Heading = heading;
  const Sub = heading === 'h1' ? 'h2' : 'h3';
  const id = useId();
  const isPending = request.status === 'pending';
  const outcome = outcomeWords(request);

  return (
    <article className={classes.view} aria-labelledby={id} data-approval={request.id} data-status={request.status}>
      <header className={classes.head}>
        <div className={classes.state}>
          <StatusBadge status={request.status} />
          {isPending && (
            <span className={classes.left}>
              <Countdown until={request.expires_at} className={classes.countdown} /> left
            </span>
          )}
        </div>
        <Heading id={id} className={classes.title}>
          <span className={classes.tool}>
            <SafeText text={request.tool} />
          </span>
          <span className={classes.on}>
            {' '}
            on <SafeText text={request.server} />
          </span>
        </Heading>
        <p className={classes.who}>
          <b>
            <SafeText text={request.agent} />
          </b>{' '}
          asked <RelativeTime at={request.created_at} />
        </p>
      </header>

      {outcome !== '' && (
        <p className={classes.outcome} data-status={request.status}>
          <SafeText text={outcome} lines />
        </p>
      )}

      <section className={classes.part}>
        <Sub className={classes.label}>Why it was stopped</Sub>
        {request.message !== '' && (
          <p className={classes.message}>
            <SafeText text={request.message} lines />
          </p>
        )}
        <p className={classes.cause}>{causeWords(request)}</p>
        {request.rule && (
          <p className={classes.rule}>
            <span>{ruleWords(request.rule)}</span>
            <code className={classes.condition}>
              <SafeText text={request.rule.tool} />
              {request.rule.when !== '' && (
                <>
                  <span className={classes.keyword}> when </span>
                  <SafeText text={request.rule.when} />
                </>
              )}
            </code>
          </p>
        )}
        {request.rule && request.rule.error !== '' && (
          <p className={classes.cause}>
            The condition could not be evaluated, so a person decides: <SafeText text={request.rule.error} />
          </p>
        )}
        {request.definition_changes.length > 0 && (
          <div className={classes.changes}>
            <Warning size={16} />
            <div>
              <b>The tool is not what was accepted:</b>
              <ul>
                {request.definition_changes.map((change) => (
                  <li key={change}>
                    <SafeText text={change} lines />
                  </li>
                ))}
              </ul>
            </div>
          </div>
        )}
      </section>

      <section className={classes.part}>
        <Sub className={classes.label}>{isPending ? 'What will happen' : 'What was asked for'}</Sub>
        <p className={classes.explain}>
          {isPending ? 'If approved, the tool is called once, with exactly these arguments.' : 'The arguments, exactly.'}
          {request.arguments_redacted && ' Secrets and the like are masked here; the tool gets them as they are.'}
        </p>
        <JsonView value={request.arguments} label="arguments" />
      </section>

      <section className={classes.part} data-steps={request.level}>
        <Sub className={classes.label}>{isPending ? 'If nobody decides' : 'Who was asked'}</Sub>
        <ol className={classes.steps}>
          {request.steps
            .filter((step) => isPending || (step.done && step.kind !== 'reminder'))
            .map((step, place) => (
              <li key={place} data-kind={step.kind} data-done={step.done} className={classes.step}>
                <RelativeTime at={step.at} />: <SafeText text={stepWords(step, request.steps)} />
              </li>
            ))}
        </ol>
      </section>

      {request.votes.length > 0 && (
        <section className={classes.part}>
          <Sub className={classes.label}>Decisions</Sub>
          <ul className={classes.votes}>
            {request.votes.map((vote) => (
              <li key={vote.person_id + vote.at} className={classes.vote}>
                <StatusBadge status={vote.decision === 'approve' ? 'approved' : 'declined'} />
                <span>
                  <SafeText text={vote.person} />, <RelativeTime at={vote.at} />
                  {vote.channel === 'cli' && ' at a terminal'}
                </span>
                {vote.comment !== '' && (
                  <p className={classes.comment}>
                    <SafeText text={vote.comment} lines />
                  </p>
                )}
              </li>
            ))}
          </ul>
        </section>
      )}

      <section className={classes.part}>
        <Sub className={classes.label}>Details</Sub>
        <dl className={classes.facts}>
          <dt>Who decides</dt>
          <dd>
            <SafeText text={request.approvers} />
          </dd>
          {request.workflows.map((workflow) => (
            <WorkflowFact key={workflow.name} workflow={workflow} />
          ))}
          <dt>Call</dt>
          <dd className={classes.id}>{request.call_id}</dd>
          <dt>Fingerprint</dt>
          <dd className={classes.id} title={`${request.approval_digest}: the decision is bound to it`}>
            {request.approval_digest.slice(0, 16)}
          </dd>
        </dl>
      </section>

      {actions ?? <DecisionBar key={request.id} request={request} onDecided={onDecided} />}
    </article>
  );
}

function WorkflowFact({ workflow }: { workflow: Approval['workflows'][number] }) {
  const rules = [
    workflow.quorum > 1 ? `${workflow.quorum} people must approve` : 'one person decides',
    `within ${duration(workflow.timeout)}`,
    ...(workflow.require_reason ? ['with a reason'] : []),
    ...(workflow.exclude_agent_owner ? ['not the owner of the agent'] : []),
    ...(workflow.decline === 'arithmetic' ? ['declined when too few are left'] : []),
  ];
  return (
    <>
      <dt>Workflow</dt>
      <dd>
        <SafeText text={workflow.name} />: {rules.join(', ')}
      </dd>
    </>
  );
}
