import { Button, Checkbox, NativeSelect, SegmentedControl, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { useCallback, useEffect, useId, useMemo, useRef, useState, type SyntheticEvent } from 'react';
import { isApiError } from '#api/problem.ts';
import { me } from '#api/queries.ts';
import {
  conditionCheck,
  conditionLanguage,
  tool as toolQuery,
  workflows,
  type AccessRules,
  type Caller,
  type ConditionFinding,
  type RuleText,
  type Tool,
  type ToolRules,
} from '#api/tool_queries.ts';
import { CodeEditor, type CodeEditorHandle, type Mark } from '#components/code_editor.tsx';
import { ErrorPanel, sentence, wordsOf } from '#components/error_panel.tsx';
import { CheckCircle, Warning } from '#components/icons.tsx';
import { SafeText } from '#components/safe_text.tsx';
import { toast } from '#components/toasts.tsx';
import { complete } from '#lib/cel_complete.ts';
import { effectWords } from '#lib/rule_words.ts';
import { placeOf } from '#lib/text_place.ts';
import { schemaRows } from '#lib/schema_rows.ts';
import { CallTrial } from './call_trial.tsx';
import { callerWords } from './caller.ts';
import { LastWeek } from './last_week.tsx';
import { changeRules, ownRules, RulesConflict, textOf } from './rules_change.ts';
import classes from './rule_editor.module.css';

const CHECK_MS = 200;
const MOST_NAMES = 8;


/** A rule of one tool, written where it stands: what must be true, what happens then, and what that would do. */
export function RuleEditor({
  tool,
  rules: first,
  caller,
  place,
  onClose,
  onSaved,
}: {
  tool: Tool;
  rules: AccessRules;
  caller: Caller;
  /** Among the tool's own rules; without one it is a new rule at their end. */
  place: number | undefined;
  onClose: () => void;
  onSaved: (after: AccessRules) => void;
}) {
  // What the form was opened with: events must not change it under one's hands.
  const [rules, setRules] = useState(first);
  const own = ownRules(rules, caller);
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
  const field = useRef<CodeEditorHandle>(null);
  const [isTrying, setTrying] = useState(false);
  const { data: who } = useQuery(me());
  const { data: known } = useQuery(workflows());
  const { data: full } = useQuery(toolQuery(tool.id));
  const { data: language } = useQuery(conditionLanguage());
  const schema = (full?.definition as Record<string, unknown> | undefined)?.inputSchema;
  const proposals = useCallback((source: string, at: number) => (language ? complete(source, at, schema, language) : undefined), [schema, language]);
  const names = schemaRows(schema)
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

  // After a conflict its place is where the same rule stands now, or the end.
  const list = own.map(textOf);
  const at = place === undefined ? -1 : list.findIndex((rule) => JSON.stringify(rule) === JSON.stringify(start));
  const draft: ToolRules = { caller, rules: at < 0 ? [...list, next] : list.with(at, next) };
  const marks = useMemo(() => check.findings.map((finding) => markOf(when, finding)), [check.findings, when]);

  const save = async (event: SyntheticEvent) => {
    event.preventDefault();
    if (check.problem) {
      field.current?.focus();
      return;
    }
    setBusy(true);
    setError(undefined);
    try {
      const after = await changeRules(tool.id, rules, draft);
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

  const about = useId();
  const form = useRef<HTMLFormElement>(null);
  // It is where the row was that one pressed; on a phone it may begin below the screen.
  useEffect(() => {
    form.current?.scrollIntoView({ block: 'nearest' });
  }, []);
  return (
      <form
        ref={form}
        className={classes.form}
        aria-label={place === undefined ? `Add a rule for ${tool.name}` : `Change a rule of ${tool.name}`}
        onSubmit={(event) => void save(event)}
        onKeyDown={(event) => {
          if (event.key === 'Escape' && !event.defaultPrevented) onClose();
        }}
        noValidate
      >
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
          <span className={classes.label}>Condition</span>
          <p className={classes.about} id={about}>
            A CEL expression over the call; empty: always. Ctrl and Space propose what could stand there.
          </p>
          <CodeEditor
            ref={field}
            language="cel"
            label="Condition"
            describedBy={about}
            placeholder="args.amount <= 100"
            value={when}
            onChange={setWhen}
            marks={marks}
            complete={proposals}
            isInvalid={check.problem !== undefined}
            isFocused
            rows={[2, 10]}
          />
          {names.length > 0 && (
            <div className={classes.names} role="group" aria-label="Insert an argument">
              {names.map(({ name, type }) => (
                <button key={name} type="button" className={classes.insert} title={type} onClick={() => field.current?.insert(`args.${name}`)}>
                  <SafeText text={`args.${name}`} />
                </button>
              ))}
            </div>
          )}
          <div className={classes.verdict} role="status" aria-live="polite" data-tone={check.problem ? 'red' : 'green'}>
            {check.isGood && (
              <>
                <CheckCircle size={14} /> The condition can be read.
              </>
            )}
            {check.problem && (
              <span data-place={`${check.problem.line}:${check.problem.column}`}>
                <SafeText text={sentence(check.problem.message)} />
                {check.problem.line !== undefined && ` Line ${check.problem.line}, column ${check.problem.column}.`}
              </span>
            )}
          </div>
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
            {caller.scope !== 'account' && <> It holds <SafeText text={callerWords(caller)} /> only.</>}
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
        <div className={classes.tryout}>
          <Button variant="default" size="xs" aria-expanded={isTrying} onClick={() => setTrying(!isTrying)}>
            {isTrying ? 'Hide the trial' : 'Try it with arguments'}
          </Button>
          {isTrying && !check.problem && <CallTrial tool={tool} caller={caller} draft={draft} />}
          {who?.permissions.includes('read_audit') === true && !check.problem && <LastWeek tool={tool} draft={draft} />}
        </div>
        <div className={classes.actions}>
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={isBusy}>
            {place === undefined ? 'Add rule' : 'Save rule'}
          </Button>
        </div>
      </form>
  );
}

interface Checked {
  problem: { message: string; line?: number; column?: number } | undefined;
  warnings: readonly ConditionFinding[];
  findings: readonly ConditionFinding[];
  isGood: boolean;
}

const NOTHING: Checked = { problem: undefined, warnings: [], findings: [], isGood: false };

/** Asks the server, whose parser decides, shortly after one stopped typing. */
function useCondition(when: string, tool: string): Checked {
  const [settled] = useDebouncedValue(when.trim() === '' ? '' : when, CHECK_MS);
  const { data, error } = useQuery(conditionCheck(settled, tool));
  if (settled.trim() === '' || settled !== when) return NOTHING;
  if (isApiError(error, 400)) return { ...NOTHING, problem: { message: wordsOf(error).title } };
  if (!data) return NOTHING;
  const wrong = data.find(({ severity }) => severity === 'error');
  return {
    problem: wrong && { line: wrong.line, column: wrong.column, message: wordsOfFinding(wrong) },
    warnings: wrong ? [] : data,
    findings: data,
    isGood: !wrong,
  };
}

function wordsOfFinding({ message, suggestion }: ConditionFinding): string {
  return suggestion === '' ? message : `${message}; ${suggestion}`;
}

/** The word at the place, or the one character that is there. */
function markOf(source: string, finding: ConditionFinding): Mark {
  const from = placeOf(source, finding.line, finding.column);
  const word = /^[\w.]+/.exec(source.slice(from))?.[0].length ?? 1;
  return { from, to: from + word, severity: finding.severity, message: sentence(wordsOfFinding(finding)) };
}
