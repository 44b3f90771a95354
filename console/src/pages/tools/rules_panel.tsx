import { ActionIcon, Button, Tooltip } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { isApiError } from '#api/problem.ts';
import { me } from '#api/queries.ts';
import { accessRules, type AccessRule, type AccessRules, type Action, type Caller, type Tool } from '#api/tool_queries.ts';
import { ConfirmDialog } from '#components/confirm_dialog.tsx';
import { ErrorPanel, wordsOf } from '#components/error_panel.tsx';
import { ArrowDown, ArrowUp, Grip, Pencil, Plus, Trash } from '#components/icons_tools.tsx';
import { Panel } from '#components/panel.tsx';
import { RuleLink } from '#components/rule_link.tsx';
import { SafeText } from '#components/safe_text.tsx';
import { LineSkeletons } from '#components/skeletons.tsx';
import { StatusBadge } from '#components/status_badge.tsx';
import { toast } from '#components/toasts.tsx';
import { moved } from '#lib/rule_words.ts';
import { callerText, callerWords } from './caller.ts';
import { RuleEditor } from './rule_editor.tsx';
import { RuleLine } from './rule_line.tsx';
import { changeRules, ownRules, RulesConflict, textOf } from './rules_change.ts';
import classes from './rules_panel.module.css';
import { useReorder } from './use_reorder.ts';

/** Every rule that speaks about a tool, in the order in which they are asked; those of the chosen scope are edited here. */
export function RulesPanel({ tool, caller }: { tool: Tool; caller: Caller }) {
  const { data: who } = useQuery(me());
  const { data, error, refetch } = useQuery(accessRules(tool.id));
  const mayChange = who?.permissions.includes('configure_policy') === true;
  return (
    <Panel id="rules" title="Rules" flush>
      {data ? (
        <Rules key={callerText(caller) ?? ''} tool={tool} rules={data} caller={caller} mayChange={mayChange} />
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

function Rules({ tool, rules, caller, mayChange }: { tool: Tool; rules: AccessRules; caller: Caller; mayChange: boolean }) {
  const client = useQueryClient();
  const [editing, setEditing] = useState<Editing>();
  const [removing, setRemoving] = useState<AccessRule>();
  const [said, say] = useState('');
  const own = ownRules(rules, caller);
  const place = (after: AccessRules) => client.setQueryData(accessRules(tool.id).queryKey, after);

  const change = useMutation({
    mutationFn: ({ next }: { next: ReturnType<typeof textOf>[]; done: string }) => changeRules(tool.id, rules, { caller, rules: next }),
    onSuccess: (after, { done }) => {
      place(after);
      toast(done);
    },
    onError: (problem) => {
      if (problem instanceof RulesConflict) place(problem.now);
      toast(problem instanceof RulesConflict ? problem.message : isApiError(problem) ? wordsOf(problem).title : problem.message, 'problem');
    },
  });
  const move = (from: number, to: number) => {
    if (change.isPending) return;
    change.mutate({ next: moved(own, from, to).map(textOf), done: to < from ? 'Moved up: it is asked earlier' : 'Moved down: it is asked later' });
  };
  const { carried, list, handle } = useReorder(own.length, move, say);

  const listed = caller.scope === 'account' ? rules.items : rules.scoped.filter((rule) => rule.scope === caller.scope && rule.scope_name === caller.name);
  const others = caller.scope === 'account' ? rules.scoped : rules.scoped.filter((rule) => !listed.includes(rule) && holds(rule, caller));
  const isNamed = rules.items.length > 0 || rules.scoped.length > 0;
  const fallback: Action = tool.pin !== 'accepted' ? rules.defaults.new_tools : isNamed ? rules.defaults.no_match : rules.defaults.unknown_tools;
  const editor = (at: number | undefined) => <RuleEditor tool={tool} rules={rules} caller={caller} place={at} onClose={() => setEditing(undefined)} onSaved={place} />;
  return (
    <>
      {listed.length === 0 && !editing && (
        <p className={classes.none}>
          {caller.scope === 'account' ? 'No rule speaks about this tool.' : <>Nothing holds <SafeText text={callerWords(caller)} /> besides everybody’s rules. Rules here can only tighten them.</>}
        </p>
      )}
      <ol ref={list} className={classes.list} aria-label={`Rules of ${callerWords(caller)}, asked from the top`}>
        {listed.map((rule) => {
          const at = own.indexOf(rule);
          const isCarried = at >= 0 && carried?.from === at;
          const drop = at >= 0 && carried?.to === at && carried.from !== at ? (carried.to < carried.from ? 'above' : 'below') : undefined;
          if (editing && editing.place === at && at >= 0) {
            return (
              <li key={rule.position} className={classes.editing} data-rule={rule.position}>
                {editor(at)}
              </li>
            );
          }
          return (
            <li
              key={rule.position}
              className={classes.row}
              data-rule={rule.position}
              data-order={at >= 0 ? at : undefined}
              data-off={!rule.enabled || undefined}
              data-carried={isCarried || undefined}
              data-drop={drop}
            >
              {mayChange && rule.own && own.length > 1 && (
                <button type="button" className={classes.grip} aria-label={`Move rule ${rule.position}`} aria-pressed={isCarried && carried.by === 'keys'} aria-describedby="reorder-help" {...handle(at)}>
                  <Grip />
                </button>
              )}
              {mayChange && !rule.own && own.length > 1 && <span className={classes.noGrip} />}
              <RuleLine rule={rule} tool={tool} />
              {mayChange && rule.own && (
                <div className={classes.buttons}>
                  <RuleButton label={`Move rule ${rule.position} up`} isOff={at === 0 || change.isPending} onClick={() => move(at, at - 1)}>
                    <ArrowUp />
                  </RuleButton>
                  <RuleButton label={`Move rule ${rule.position} down`} isOff={at === own.length - 1 || change.isPending} onClick={() => move(at, at + 1)}>
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
      <p id="reorder-help" className="visually-hidden">
        Press Space, move it with the arrows, and press Space again.
      </p>
      <p className="visually-hidden" role="status" aria-live="assertive">
        {said}
      </p>
      {editing && editing.place === undefined && <div className={classes.editing}>{editor(undefined)}</div>}
      {caller.scope === 'account' ? (
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
      ) : (
        <div className={classes.rest}>
          <span className={classes.muted}>When none of them fits, everybody’s rules alone decide; when one does, the stricter answer counts.</span>
        </div>
      )}
      {others.length > 0 && <Scoped rules={others} tool={tool} caller={caller} mayChange={mayChange} />}
      {mayChange && !editing && (
        <div className={classes.foot}>
          <Button variant="default" leftSection={<Plus />} onClick={() => setEditing({ place: undefined })}>
            Add rule
          </Button>
          {listed.some((rule) => !rule.own) && <span className={classes.muted}>Rules for several tools are changed in the policy’s document; the pencil goes there.</span>}
        </div>
      )}
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

/** Does a rule of another scope hold this caller, too? */
function holds(rule: AccessRule, caller: Caller): boolean {
  return caller.scope === 'key' && rule.scope === 'agent' && rule.scope_name === caller.agent;
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

/** Agents and keys have rules of their own; of all scopes the strictest answer counts. */
function Scoped({ rules, tool, caller, mayChange }: { rules: readonly AccessRule[]; tool: Tool; caller: Caller; mayChange: boolean }) {
  const names = [...new Set(rules.map((rule) => `${rule.scope} ${rule.scope_name}`))];
  return (
    <section className={classes.scoped}>
      <h3 className={classes.scopedTitle}>{caller.scope === 'account' ? 'Agents and keys with rules of their own' : 'Its agent’s rules hold it, too'}</h3>
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
