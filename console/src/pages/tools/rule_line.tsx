import type { AccessRule, Tool } from '#api/tool_queries.ts';
import { SafeText } from '#components/safe_text.tsx';
import { StatusBadge } from '#components/status_badge.tsx';
import classes from './rule_line.module.css';

const LABELS = { allow: 'Allow', deny: 'Deny', observe: 'Observe', require_approval: 'Ask a person' } as const;

/** A rule as one reads it. */
export function RuleLine({ rule, tool }: { rule: AccessRule; tool: Tool }) {
  const isGeneral = !rule.own && rule.tool !== tool.name && rule.tool !== `${tool.server}/${tool.name}`;
  return (
    <div className={classes.rule} data-off={!rule.enabled || undefined}>
      <span className={classes.position}>{rule.position}</span>
      <div className={classes.text}>
        <div className={classes.line}>
          <StatusBadge status={rule.action} label={LABELS[rule.action]} />
          {rule.when === '' ? (
            <span>always</span>
          ) : (
            <code className={classes.when}>
              <span className={classes.keyword}>when </span>
              <SafeText text={rule.when} lines />
            </code>
          )}
          {!rule.enabled && <StatusBadge status="suspended" label="Switched off" />}
        </div>
        {(rule.message !== '' || rule.tagged.length > 0 || rule.justification !== 'none' || rule.workflow !== '' || isGeneral || rule.description !== '') && (
          <div className={classes.more}>
            {isGeneral && (
              <span>
                for <code className={classes.pattern}>{<SafeText text={rule.tool} />}</code>, not only {tool.name.length < 40 ? <SafeText text={tool.name} /> : 'this tool'}
              </span>
            )}
            {rule.tagged.length > 0 && <span>if it is {rule.tagged.join(', ').replaceAll('_', ' ')}</span>}
            {rule.justification !== 'none' && <span>justification {rule.justification}</span>}
            {rule.workflow !== '' && (
              <span>
                workflow <SafeText text={rule.workflow} />
              </span>
            )}
            {rule.message !== '' && (
              <span>
                “<SafeText text={rule.message} />”
              </span>
            )}
            {rule.description !== '' && <SafeText text={rule.description} />}
          </div>
        )}
      </div>
    </div>
  );
}
