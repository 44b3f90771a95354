import { Button, Checkbox, Modal, NativeSelect, SegmentedControl, Textarea, TextInput } from '@mantine/core';
import { useDebouncedValue, useMediaQuery } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { useId, useRef, useState, type SyntheticEvent } from 'react';
import { isApiError } from '#api/problem.ts';
import {
  conditionCheck,
  tool as toolQuery,
  workflows,
  type AccessRules,
  type ConditionFinding,
  type RuleText,
  type Tool,
} from '#api/tool_queries.ts';
import { DialogActions } from '#components/dialog_actions.tsx';
import { ErrorPanel, sentence, wordsOf } from '#components/error_panel.tsx';
import { CheckCircle, Warning } from '#components/icons.tsx';
import { SafeText } from '#components/safe_text.tsx';
import { toast } from '#components/toasts.tsx';
import { effectWords, splitAt, type ConditionProblem } from '#lib/rule_words.ts';
import { schemaRows } from '#lib/schema_rows.ts';
import { changeRules, RulesConflict, textOf } from './rules_change.ts';
import classes from './rule_editor.module.css';

const CHECK_MS = 200;
const MOST_NAMES = 8;

/** A rule of one tool: what must be true, and what happens then. */
export function RuleEditor({
  tool,
  rules: first,
  place,
  onClose,
  onSaved,
}: {
  tool: Tool;
  rules: AccessRules;
  /** Among the tool's own rules; without one it is a new rule at their end. */
  place: number | undefined;
  onClose: () => void;
  onSaved: (after: AccessRules) => void;
}) {
  // What the form was opened with: events must not change it under one's hands.
  const [rules, setRules] = useState(first);
  const own = rules.items.filter((rule) => rule.own);
  const [start] = useState<RuleText>(() => {
    const rule = place === undefined ? undefined : own[place];
    return rule ? textOf(rule) : { action: 'require_approval' };
  });
  const [when, setWhen] = useState(start.when ?? '');
  const [action, setAction] = useState<RuleText['action']>(start.action);
  const [workflow, setWorkflow] = useState(start.workflow ?? '');
  const [message, setMessage] = useState(start.message ?? '');
  const [isOn, setOn] = useState(start.enabled !== false);
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const field = useRef<HTMLTextAreaElement>(null);
  const isPhone = useMediaQuery('(max-width: 767px)', false, { getInitialValueInEffect: false });
  const { data: known } = useQuery(workflows());
  const { data: full } = useQuery(toolQuery(tool.id));
  const names = schemaRows((full?.definition as Record<string, unknown> | undefined)?.inputSchema)
    .filter((row) => row.depth === 0 && /^[A-Za-z_]\w*$/.test(row.name))
    .slice(0, MOST_NAMES);

  const check = useCondition(when, `${tool.server}/${tool.name}`);
  const next: RuleText = {
    action,
    enabled: isOn,
    ...(when.trim() === '' ? {} : { when: when.trim() }),
    ...(action === 'require_approval' && workflow !== '' ? { workflow } : {}),
    ...(message.trim() === '' ? {} : { message: message.trim() }),
    ...(start.description === undefined ? {} : { description: start.description }),
    ...(start.tagged === undefined ? {} : { tagged: start.tagged }),
    ...(start.justification === undefined || action === 'deny' || action === 'observe' ? {} : { justification: start.justification }),
  };

  const save = async (event: SyntheticEvent) => {
    event.preventDefault();
    if (check.problem) {
      field.current?.focus();
      return;
    }
    setBusy(true);
    setError(undefined);
    try {
      // After a conflict its place is where the same rule stands now, or the end.
      const at = place === undefined ? -1 : own.findIndex((rule) => JSON.stringify(textOf(rule)) === JSON.stringify(start));
      const list = own.map(textOf);
      const after = await changeRules(tool.id, rules, at < 0 ? [...list, next] : list.with(at, next));
      onSaved(after);
      toast(place === undefined ? 'Added the rule: it is in force' : 'Changed the rule: it is in force');
      onClose();
    } catch (problem) {
      setBusy(false);
      if (problem instanceof RulesConflict) {
        setRules(problem.now);
        onSaved(problem.now);
      }
      setError(problem);
    }
  };

  const insert = (name: string) => {
    const input = field.current;
    const from = input?.selectionStart ?? when.length;
    const to = input?.selectionEnd ?? when.length;
    setWhen(when.slice(0, from) + name + when.slice(to));
    requestAnimationFrame(() => {
      input?.focus();
      input?.setSelectionRange(from + name.length, from + name.length);
    });
  };

  return (
    <Modal opened size={640} fullScreen={isPhone} title={place === undefined ? `Add a rule for ${tool.name}` : `Change a rule of ${tool.name}`} onClose={onClose} closeOnClickOutside={false}>
      <form className={classes.form} onSubmit={(event) => void save(event)} noValidate>
        <fieldset className={classes.field}>
          <legend className={classes.label}>Effect</legend>
          <SegmentedControl
            fullWidth
            aria-label="Effect"
            value={action}
            onChange={(value) => setAction(value as RuleText['action'])}
            data={[
              { value: 'allow', label: 'Allow' },
              { value: 'require_approval', label: 'Ask a person' },
              { value: 'deny', label: 'Deny' },
              { value: 'observe', label: 'Observe' },
            ]}
          />
        </fieldset>
        <div>
          <Textarea
            ref={field}
            data-autofocus
            label="Condition"
            description="A CEL expression over the call; empty: always."
            placeholder="args.amount <= 100"
            autosize
            minRows={2}
            maxRows={8}
            spellCheck={false}
            autoCapitalize="off"
            autoCorrect="off"
            classNames={{ input: classes.code ?? '' }}
            value={when}
            onChange={(event) => setWhen(event.currentTarget.value)}
            error={check.problem && <Problem source={when} problem={check.problem} />}
          />
          {names.length > 0 && (
            <div className={classes.names} role="group" aria-label="Insert an argument">
              {names.map(({ name, type }) => (
                <button key={name} type="button" className={classes.insert} title={type} onClick={() => insert(`args.${name}`)}>
                  <SafeText text={`args.${name}`} />
                </button>
              ))}
            </div>
          )}
          <p className={classes.verdict} role="status" aria-live="polite">
            {check.isGood && (
              <>
                <CheckCircle size={14} /> The condition can be read.
              </>
            )}
          </p>
          {check.warnings.map((warning) => (
            <p key={`${warning.line}:${warning.column}:${warning.code}`} className={classes.warning}>
              <Warning size={14} /> <SafeText text={sentence(wordsOfFinding(warning))} />
            </p>
          ))}
        </div>
        {action === 'require_approval' && (
          <NativeSelect
            label="Who is asked"
            value={workflow}
            onChange={(event) => setWorkflow(event.currentTarget.value)}
            data={[{ value: '', label: `The policy’s default workflow (${rules.defaults.workflow})` }, ...(known ?? []).map(({ name }) => ({ value: name, label: name }))]}
          />
        )}
        {action !== 'allow' && (
          <TextInput
            label="Message"
            description={action === 'deny' ? 'The agent reads it: say what it may do instead.' : 'The person who decides reads it.'}
            maxLength={500}
            value={message}
            onChange={(event) => setMessage(event.currentTarget.value)}
          />
        )}
        <Checkbox label="In force" checked={isOn} onChange={(event) => setOn(event.currentTarget.checked)} />
        <div className={classes.effect}>
          <span className={classes.label}>In words</span>
          <p className={classes.words}>
            <SafeText text={effectWords(next, tool.name)} />
          </p>
          {place === undefined && own.length > 0 && <p className={classes.muted}>It is asked after the {own.length === 1 ? 'rule' : `${own.length} rules`} that this tool has; move it up when it should be asked earlier.</p>}
        </div>
        {error !== undefined &&
          (error instanceof RulesConflict ? (
            <div className={classes.conflict} role="alert">
              <b>Somebody else changed these rules meanwhile.</b>
              <p>What you wrote is kept here. Behind this form you see the rules as they are now; save again to add yours to them.</p>
            </div>
          ) : (
            <ErrorPanel error={error} />
          ))}
        <DialogActions>
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={isBusy}>
            {place === undefined ? 'Add rule' : 'Save rule'}
          </Button>
        </DialogActions>
      </form>
    </Modal>
  );
}

/** Asks the server, whose parser decides, shortly after one stopped typing. */
function useCondition(when: string, tool: string): { problem: ConditionProblem | undefined; warnings: ConditionFinding[]; isGood: boolean } {
  const [settled] = useDebouncedValue(when.trim() === '' ? '' : when, CHECK_MS);
  const { data, error } = useQuery(conditionCheck(settled, tool));
  const nothing = { problem: undefined, warnings: [], isGood: false };
  if (settled.trim() === '' || settled !== when) return nothing;
  if (isApiError(error, 400)) return { ...nothing, problem: { message: wordsOf(error).title } };
  if (!data) return nothing;
  const wrong = data.find(({ severity }) => severity === 'error');
  return {
    problem: wrong && { line: wrong.line, column: wrong.column, message: wordsOfFinding(wrong) },
    warnings: wrong ? [] : data,
    isGood: !wrong,
  };
}

function wordsOfFinding({ message, suggestion }: ConditionFinding): string {
  return suggestion === '' ? message : `${message}; ${suggestion}`;
}

/** What is wrong, and the place in the line where it is. */
function Problem({ source, problem }: { source: string; problem: ConditionProblem }) {
  const id = useId();
  const place = splitAt(source, problem);
  return (
    <span className={classes.problem} id={id}>
      <span>
        <SafeText text={sentence(problem.message)} />
        {problem.line !== undefined && ` Line ${problem.line}, column ${problem.column}.`}
      </span>
      {place && (
        <span className={classes.source} aria-hidden="true">
          <SafeText text={place.before} lines />
          <span className={classes.mark} data-place={`${problem.line}:${problem.column}`}>
            {place.at === '' ? '\u00a0' : <SafeText text={place.at} lines />}
          </span>
          <SafeText text={place.after} lines />
        </span>
      )}
    </span>
  );
}
