import { ActionIcon, Button, Tooltip } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { isApiError } from '#api/problem.ts';
import { me } from '#api/queries.ts';
import { accessRules, type AccessRule, type AccessRules, type Action, type Tool } from '#api/tool_queries.ts';
import { ConfirmDialog } from '#components/confirm_dialog.tsx';
import { ErrorPanel, wordsOf } from '#components/error_panel.tsx';
import { ArrowDown, ArrowUp, Pencil, Plus, Trash } from '#components/icons_tools.tsx';
import { Panel } from '#components/panel.tsx';
import { RuleLink } from '#components/rule_link.tsx';
import { SafeText } from '#components/safe_text.tsx';
import { LineSkeletons } from '#components/skeletons.tsx';
import { StatusBadge } from '#components/status_badge.tsx';
import { toast } from '#components/toasts.tsx';
import { moved } from '#lib/rule_words.ts';
import { RuleEditor } from './rule_editor.tsx';
import { changeRules, RulesConflict, textOf } from './rules_change.ts';
import classes from './rules_panel.module.css';

/** Every rule that speaks about a tool, in the order in which they are asked. */
export function RulesPanel({ tool }: { tool: Tool }) {
  const { data: who } = useQuery(me());
  const { data, error, refetch } = useQuery(accessRules(tool.id));
  const mayChange = who?.permissions.includes('configure_policy') === true;
  return (
    <Panel title="Rules" flush>
      {data ? (
        <Rules tool={tool} rules={data} mayChange={mayChange} />
      ) : (
        <div className={classes.pad}>
          {error ? <ErrorPanel error={error} onRetry={() => void refetch()} /> : <LineSkeletons count={2} height={56} />}
        </div>
      )}
    </Panel>
  );
}

/** Which of the tool's own rules is being written; `undefined`: a new one at the end. */
type Editing = { place: number | undefined } | undefined;

function Rules({ tool, rules, mayChange }: { tool: Tool; rules: AccessRules; mayChange: boolean }) {
  const client = useQueryClient();
  const [editing, setEditing] = useState<Editing>();
  const [removing, setRemoving] = useState<AccessRule>();
  const own = rules.items.filter((rule) => rule.own);
  const place = (after: AccessRules) => client.setQueryData(accessRules(tool.id).queryKey, after);

  const change = useMutation({
    mutationFn: ({ next }: { next: ReturnType<typeof textOf>[]; done: string }) => changeRules(tool.id, rules, next),
    onSuccess: (after, { done }) => {
      place(after);
      toast(done);
    },
    onError: (problem) => {
      if (problem instanceof RulesConflict) place(problem.now);
      toast(problem instanceof RulesConflict ? problem.message : isApiError(problem) ? wordsOf(problem).title : problem.message, 'problem');
    },
  });
  const move = (at: number, step: number) =>
    change.mutate({ next: moved(own, at, step).map(textOf), done: step < 0 ? 'Moved up: it is asked earlier' : 'Moved down: it is asked later' });

  const isNamed = rules.items.length > 0 || rules.scoped.length > 0;
  const fallback: Action = tool.pin !== 'accepted' ? rules.defaults.new_tools : isNamed ? rules.defaults.no_match : rules.defaults.unknown_tools;
  return (
    <>
      {rules.items.length === 0 && <p className={classes.none}>No rule speaks about this tool.</p>}
      <ol className={classes.list} aria-label="Rules of the account, asked from the top">
        {rules.items.map((rule) => {
          const at = own.indexOf(rule);
          return (
            <li key={rule.position} className={classes.row} data-rule={rule.position} data-off={!rule.enabled || undefined}>
              <RuleLine rule={rule} tool={tool} />
              {mayChange && rule.own && (
                <div className={classes.buttons}>
                  <RuleButton label={`Move rule ${rule.position} up`} isOff={at === 0 || change.isPending} onClick={() => move(at, -1)}>
                    <ArrowUp />
                  </RuleButton>
                  <RuleButton label={`Move rule ${rule.position} down`} isOff={at === own.length - 1 || change.isPending} onClick={() => move(at, 1)}>
                    <ArrowDown />
                  </RuleButton>
                  <RuleButton label={`Edit rule ${rule.position}`} onClick={() => setEditing({ place: at })}>
                    <Pencil />
                  </RuleButton>
                  <RuleButton label={`Remove rule ${rule.position}`} onClick={() => setRemoving(rule)}>
                    <Trash />
                  </RuleButton>
                </div>
              )}
              {mayChange && !rule.own && (
                <div className={classes.buttons}>
                  <RuleLink scope={rule.scope} name={rule.scope_name} position={rule.position} />
                </div>
              )}
            </li>
          );
        })}
      </ol>
      <div className={classes.rest}>
        <StatusBadge status={fallback} />
        <span className={classes.muted}>
          {tool.pin !== 'accepted'
            ? 'at least, because the tool is not accepted (default for new tools)'
            : rules.items.length > 0
              ? 'when none of them fits (the policy’s default)'
              : 'by the policy’s default for tools without a rule'}
        </span>
      </div>
      {rules.scoped.length > 0 && <Scoped rules={rules.scoped} tool={tool} mayChange={mayChange} />}
      {mayChange && (
        <div className={classes.foot}>
          <Button variant="default" leftSection={<Plus />} onClick={() => setEditing({ place: undefined })}>
            Add rule
          </Button>
          {rules.items.some((rule) => !rule.own) && <span className={classes.muted}>Rules for several tools are changed in the policy’s document; the pencil goes there.</span>}
        </div>
      )}
      {editing && <RuleEditor tool={tool} rules={rules} place={editing.place} onClose={() => setEditing(undefined)} onSaved={place} />}
      {removing && (
        <ConfirmDialog
          title={`Remove rule ${removing.position}`}
          action="Remove rule"
          onConfirm={() =>
            change.mutateAsync({ next: own.filter((one) => one !== removing).map(textOf), done: 'Removed the rule' }).catch((problem: unknown) => {
              // The list shows what it is now; the toast says why.
              if (!(problem instanceof RulesConflict)) throw problem;
            })
          }
          onClose={() => setRemoving(undefined)}
        >
          <div className={classes.removing}>
            <RuleLine rule={removing} tool={tool} />
          </div>
          <p>It ends with the next call. The rules below it, or the default, decide instead.</p>
        </ConfirmDialog>
      )}
    </>
  );
}

function RuleButton({ label, isOff = false, onClick, children }: { label: string; isOff?: boolean; onClick: () => void; children: React.ReactNode }) {
  return (
    <Tooltip label={label}>
      <ActionIcon variant="subtle" color="gray" size={32} aria-label={label} disabled={isOff} onClick={onClick}>
        {children}
      </ActionIcon>
    </Tooltip>
  );
}

function RuleLine({ rule, tool }: { rule: AccessRule; tool: Tool }) {
  const isGeneral = rule.scope === 'account' && !rule.own;
  return (
    <div className={classes.rule}>
      <span className={classes.position}>{rule.position}</span>
      <div className={classes.text}>
        <div className={classes.line}>
          <StatusBadge status={rule.action} {...(rule.action === 'allow' ? { label: 'Allow' } : rule.action === 'deny' ? { label: 'Deny' } : rule.action === 'observe' ? { label: 'Observe' } : { label: 'Ask a person' })} />
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

/** Agents and keys have rules of their own; of all scopes the strictest answer counts. */
function Scoped({ rules, tool, mayChange }: { rules: readonly AccessRule[]; tool: Tool; mayChange: boolean }) {
  const names = [...new Set(rules.map((rule) => `${rule.scope} ${rule.scope_name}`))];
  return (
    <section className={classes.scoped}>
      <h3 className={classes.scopedTitle}>Agents and keys with rules of their own</h3>
      <p className={classes.muted}>The strictest answer counts: they can tighten what the rules above say, never loosen it.</p>
      {names.map((name) => (
        <div key={name}>
          <p className={classes.scope}>
            <SafeText text={name} />
          </p>
          <ol className={classes.list}>
            {rules
              .filter((rule) => `${rule.scope} ${rule.scope_name}` === name)
              .map((rule) => (
                <li key={rule.position} className={classes.row}>
                  <RuleLine rule={rule} tool={tool} />
                  {mayChange && (
                    <div className={classes.buttons}>
                      <RuleLink scope={rule.scope} name={rule.scope_name} position={rule.position} />
                    </div>
                  )}
                </li>
              ))}
          </ol>
        </div>
      ))}
    </section>
  );
}
