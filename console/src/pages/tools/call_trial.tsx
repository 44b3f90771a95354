import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { tool as toolQuery, trial, type Caller, type Tool, type ToolRules } from '#api/tool_queries.ts';
import { CodeEditor } from '#components/code_editor.tsx';
import { ErrorPanel } from '#components/error_panel.tsx';
import { SafeText } from '#components/safe_text.tsx';
import { LineSkeletons } from '#components/skeletons.tsx';
import { StatusBadge } from '#components/status_badge.tsx';
import { sampleArguments } from '#lib/sample_arguments.ts';
import { callerWords } from './caller.ts';
import classes from './call_trial.module.css';
import { TrialAnswer } from './trial_answer.tsx';

const SETTLE_MS = 250;

/** What would happen to a call with these arguments, and why; with a draft also what it would change. */
export function CallTrial({ tool, caller, draft }: { tool: Tool; caller: Caller; draft?: ToolRules }) {
  const { data: full } = useQuery(toolQuery(tool.id));
  const schema = (full?.definition as Record<string, unknown> | undefined)?.inputSchema;
  const [written, setWritten] = useState<string>();
  const text = written ?? (full ? sampleArguments(schema) : '{}');
  const problem = problemOf(text);
  const [settled] = useDebouncedValue(text, SETTLE_MS);
  const isSettled = full !== undefined && problemOf(settled) === undefined;
  const now = useQuery({ ...trial(tool, settled, caller), enabled: isSettled && !draft, placeholderData: keepPreviousData });
  const then = useQuery({ ...trial(tool, settled, caller, draft), enabled: isSettled && draft !== undefined, placeholderData: keepPreviousData });
  const before = useQuery({ ...trial(tool, settled, caller), enabled: isSettled && draft !== undefined });
  const { data, error } = draft ? then : now;
  return (
    <div className={classes.trial}>
      <div className={classes.input}>
        <span className={classes.label}>Arguments</span>
        <CodeEditor language="json" label="Arguments to try" value={text} onChange={setWritten} rows={[4, 12]} isInvalid={problem !== undefined} />
        <p className={classes.note} role={problem === undefined ? undefined : 'alert'} data-problem={problem !== undefined || undefined}>
          {problem ?? (
            <>
              As if <SafeText text={caller.scope === 'account' ? 'some agent' : callerWords(caller)} /> had called it now. Nothing is called.
            </>
          )}
        </p>
      </div>
      <div className={classes.answer} role="status" aria-live="polite" aria-label="What happens">
        {error ? (
          <ErrorPanel error={error} />
        ) : data ? (
          <>
            {draft && before.data && (
              <p className={classes.change}>
                Now <StatusBadge status={before.data.action} /> {before.data.action === data.action ? 'and the same with this change.' : <>with this change <StatusBadge status={data.action} /></>}
              </p>
            )}
            <TrialAnswer trial={data} tool={tool} />
          </>
        ) : (
          <LineSkeletons count={2} height={40} />
        )}
      </div>
    </div>
  );
}

/** Why it is no JSON object. */
function problemOf(text: string): string | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? undefined : 'Arguments are a JSON object: { "name": value }.';
  } catch (problem) {
    return problem instanceof Error ? `This is not JSON yet: ${problem.message}.` : 'This is not JSON yet.';
  }
}
