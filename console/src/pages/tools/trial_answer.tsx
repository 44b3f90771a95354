import type { Tool, Trial, TrialStep } from '#api/tool_queries.ts';
import { SafeText } from '#components/safe_text.tsx';
import { StatusBadge } from '#components/status_badge.tsx';
import classes from './call_trial.module.css';

const VERDICTS = { allow: 'It runs at once', require_approval: 'It waits for a person', deny: 'It is refused' } as const;

const RESULTS: Record<TrialStep['result'], string> = {
  matched: 'fits',
  not_matched: 'does not fit',
  error: 'cannot be evaluated',
  also_matched: 'would fit as well',
  not_reached: 'not asked any more',
};

/** The verdict in words, which rule made it, what it looked at, and what else was asked. */
export function TrialAnswer({ trial, tool }: { trial: Trial; tool: Tool }) {
  return (
    <>
      <p className={classes.verdict} data-verdict={trial.action}>
        <StatusBadge status={trial.action} /> {VERDICTS[trial.action]}
      </p>
      <p className={classes.why}>
        <Why trial={trial} />
        {trial.message !== '' && (
          <>
            {' '}
            “<SafeText text={trial.message} />”
          </>
        )}
      </p>
      {trial.steps.length > 0 && (
        <>
          <h3 className={classes.title}>Asked in this order; of several scopes the strictest answer counts</h3>
          <ol className={classes.steps} aria-label="Rules that were asked">
            {trial.steps.map((step) => (
              <Step key={`${step.rule.scope} ${step.rule.scope_name} ${step.rule.position}`} step={step} decides={isSame(step, trial)} tool={tool} />
            ))}
          </ol>
        </>
      )}
    </>
  );
}

function isSame({ rule }: TrialStep, { rule: deciding }: Trial): boolean {
  return deciding !== null && rule.scope === deciding.scope && rule.scope_name === deciding.scope_name && rule.position === deciding.position;
}

function Step({ step, decides, tool }: { step: TrialStep; decides: boolean; tool: Tool }) {
  const { rule, action, result, values } = step;
  return (
    <li className={classes.step} data-result={decides ? 'matched' : result} data-decides={decides || undefined}>
      <div className={classes.line}>
        <StatusBadge status={action} {...(action === 'observe' ? { label: 'Observe' } : {})} />
        <span className={classes.where}>
          Rule {rule.position} of <SafeText text={whose(rule)} />
          {rule.tool !== `${tool.server}/${tool.name}` && rule.tool !== tool.name && (
            <>
              {' '}
              for <SafeText text={rule.tool} />
            </>
          )}
        </span>
        <span className={classes.result}>{decides ? (result === 'error' ? 'decides, for it cannot be evaluated' : 'decides') : RESULTS[result]}</span>
      </div>
      {rule.when !== '' && (
        <code className={classes.when}>
          <SafeText text={rule.when} lines />
        </code>
      )}
      {values.length > 0 && (
        <div className={classes.values}>
          {values.map(({ path, value }) => (
            <span key={path}>
              <SafeText text={path} /> = <SafeText text={value} />
            </span>
          ))}
        </div>
      )}
      {rule.error !== '' && (
        <span className={classes.error}>
          <SafeText text={rule.error} />
        </span>
      )}
    </li>
  );
}

function whose({ scope, scope_name }: TrialStep['rule']): string {
  return scope === 'account' ? 'everybody' : `the ${scope} ${scope_name}`;
}

function Why({ trial }: { trial: Trial }) {
  const { rule, workflows } = trial;
  const asks = workflows.length > 0 ? ` Asks ${workflows.length === 1 ? 'the workflow' : 'the workflows'} ${workflows.join(' and ')}.` : '';
  switch (trial.cause) {
    case 'rule':
      return <SafeText text={`${rule ? `Rule ${rule.position} of ${whose(rule)} decides.` : 'A rule decides.'}${asks}`} />;
    case 'rule_error':
      return <SafeText text={`${rule ? `Rule ${rule.position} of ${whose(rule)}` : 'A rule'} cannot be evaluated, which counts as a match.${asks}`} />;
    case 'no_match':
      return <SafeText text={`No rule fits, so the policy’s default decides.${asks}`} />;
    case 'unknown_tool':
      return <SafeText text={`No rule speaks about this tool, so the policy’s default decides.${asks}`} />;
    case 'new_tool':
      return <SafeText text={`The tool is new or has changed, and nobody has accepted it.${asks}`} />;
    case 'invalid_arguments':
      return <>The arguments do not fit the tool’s schema; no rule is asked.</>;
    case 'tool_disabled':
      return <>The tool is switched off.</>;
    case 'justification_missing':
      return <>The agent has to say why it calls, and did not.</>;
    default:
      return <SafeText text={trial.cause} />;
  }
}
