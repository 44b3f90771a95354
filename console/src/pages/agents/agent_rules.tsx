import { useQuery } from '@tanstack/react-query';
import { agentRules, type Agent, type AgentRule } from '#api/access_queries.ts';
import { me } from '#api/queries.ts';
import { ErrorPanel } from '#components/error_panel.tsx';
import { Panel } from '#components/panel.tsx';
import { RuleLink } from '#components/rule_link.tsx';
import { SafeText } from '#components/safe_text.tsx';
import { LineSkeletons } from '#components/skeletons.tsx';
import { StatusBadge } from '#components/status_badge.tsx';
import classes from './agent_page.module.css';

const SCOPES = {
  account: 'Of the account, for every agent',
  agent: 'Of this agent',
  key: 'Of a key',
} as const;

const DEFAULT_WORDS = {
  allow: 'are allowed',
  require_approval: 'need approval',
  deny: 'are denied',
} as const;

/** What the agent may do: the rules that apply to it, in their order. */
export function AgentRules({ agent }: { agent: Agent }) {
  const { data: who } = useQuery(me());
  const { data, error, refetch } = useQuery(agentRules(agent));
  if (!data) {
    return (
      <Panel title="What it may do">
        {error ? <ErrorPanel error={error} onRetry={() => void refetch()} /> : <LineSkeletons count={3} />}
      </Panel>
    );
  }
  const scopes = groups(data.items);
  const mayChange = who?.permissions.includes('configure_policy') === true;
  return (
    <Panel title="What it may do" flush actions={<span className={classes.quiet}>policy version {data.policy_version}</span>}>
      {scopes.map(({ title, rules }) => (
        <section key={title} aria-label={title}>
          <div className={classes.scope}>
            <SafeText text={title} />
          </div>
          <ol className={classes.rules}>
            {rules.map((rule) => (
              <Rule key={rule.position} rule={rule} mayChange={mayChange} />
            ))}
          </ol>
        </section>
      ))}
      <p className={classes.defaults}>
        {scopes.length > 0 && 'The first rule that fits decides; '}
        {scopes.length > 1 && 'of several lists the strictest answer wins; '}
        {scopes.length > 0 ? 'where none of a tool’s rules fits, calls ' : 'No rules are in force. Calls '}
        <b>{DEFAULT_WORDS[scopes.length > 0 ? data.defaults.no_match : data.defaults.unknown_tools]}</b>.
        {scopes.length > 0 && (
          <>
            {' '}
            Calls of tools without any rule <b>{DEFAULT_WORDS[data.defaults.unknown_tools]}</b>.
          </>
        )}{' '}
        Tools that are new or were changed by their server <b>{DEFAULT_WORDS[data.defaults.new_tools]}</b> until
        somebody has accepted them.
      </p>
    </Panel>
  );
}

function groups(items: readonly AgentRule[]): { title: string; rules: AgentRule[] }[] {
  const found: { title: string; rules: AgentRule[] }[] = [];
  for (const rule of items) {
    const title = rule.scope === 'key' ? `Of its key ${rule.scope_name}` : SCOPES[rule.scope];
    const group = found.find((one) => one.title === title);
    if (group) group.rules.push(rule);
    else found.push({ title, rules: [rule] });
  }
  return found;
}

function Rule({ rule, mayChange }: { rule: AgentRule; mayChange: boolean }) {
  return (
    <li className={classes.rule} data-off={rule.enabled ? undefined : true}>
      <span className={classes.place}>{rule.position}</span>
      <span>
        <StatusBadge status={rule.action} />
      </span>
      <span className={classes.words}>
        {rule.tool === '*' ? (
          'every tool'
        ) : (
          <span className={classes.code}>
            <SafeText text={rule.tool} />
          </span>
        )}
        {rule.when !== '' && (
          <>
            {' '}
            when{' '}
            <code className={classes.condition}>
              <SafeText text={rule.when} />
            </code>
          </>
        )}
        {rule.action === 'require_approval' && (
          <>
            ; asks <SafeText text={rule.workflow === '' ? 'the default workflow' : `the workflow ${rule.workflow}`} />
          </>
        )}
        {!rule.enabled && ' (switched off)'}
        {rule.message !== '' && (
          <span className={classes.message}>
            <SafeText text={rule.message} />
          </span>
        )}
      </span>
      {mayChange && (
        <span className={classes.change}>
          <RuleLink scope={rule.scope} name={rule.scope_name} position={rule.position} />
        </span>
      )}
    </li>
  );
}
