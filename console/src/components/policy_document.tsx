import { Button, Checkbox, FileButton, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useMemo, useRef, useState } from 'react';
import { api, body, type Schemas } from '#api/client.ts';
import { policyOutline } from '#lib/policy_outline.ts';
import { placeOf } from '#lib/text_place.ts';
import { CodeEditor, type CodeEditorHandle, type Mark } from './code_editor.tsx';
import { Difference, placesOf, Problems } from './policy_change.tsx';
import classes from './policy_document.module.css';
import { withPassword } from './reauthenticate.tsx';
import { toast } from './toasts.tsx';

/** An empty form does not push away what is below it. */
const SHORT_ROWS = 5;
const LONG_ROWS = 14;
const MOST_ROWS = 26;

/** What was asked about, and the answer. */
type Answer = { text: string; prune: boolean } & ({ proposal: Schemas['PolicyProposal'] } | { error: unknown });

/** What the form begins with. */
export interface Draft {
  text: string;
  /** Why it is applied, beside the version. */
  comment?: string;
  /** Asks for the difference at once. */
  isToBeChecked?: boolean;
  /** Where the caret goes: a line, from 1. */
  line?: number;
}

/**
 * A document, its difference to what is in force, and then the deed: two steps, of which a phone
 * shows one at a time. The form is made anew with each draft.
 */
export function PolicyDocument({ draft, mayApply, prune: first, onApplied }: { draft: Draft; mayApply: boolean; prune: 'always' | 'ask'; onApplied?: () => void }) {
  const [text, setText] = useState(draft.text);
  const client = useQueryClient();
  const editor = useRef<CodeEditorHandle>(null);
  const [isChecking, setChecking] = useState(false);
  const [isApplying, setApplying] = useState(false);
  const [isExact, setExact] = useState(false);
  const [comment, setComment] = useState(draft.comment ?? '');
  const [answer, setAnswer] = useState<Answer>();
  const prune = first === 'always' || isExact;
  const current = answer && answer.text === text && answer.prune === prune ? answer : undefined;
  const problem = current && 'error' in current ? current.error : undefined;
  const proposal = current && 'proposal' in current ? current.proposal : undefined;
  const isDecision = proposal !== undefined && proposal.changes.length > 0 && mayApply;

  const check = async () => {
    setChecking(true);
    try {
      setAnswer({ text, prune, proposal: await body(api.POST('/policies/diff', { body: { document: text, prune } })) });
    } catch (error) {
      setAnswer({ text, prune, error });
    } finally {
      setChecking(false);
    }
  };
  const apply = async (wanted: Schemas['PolicyProposal']) => {
    setApplying(true);
    try {
      const why = comment.trim();
      const request = { document: text, prune, expected_version: wanted.base_version, ...(why === '' ? {} : { comment: why }) };
      const applied = await withPassword(() => body(api.POST('/policies/apply', { body: request })));
      toast(`Policy version ${applied.version} is in force.`);
      setAnswer(undefined);
      setComment('');
      setText('');
      for (const key of ['policy', 'status', 'workflows', 'tools', 'servers']) void client.invalidateQueries({ queryKey: [key] });
      onApplied?.();
    } catch (error) {
      setAnswer({ text, prune, error });
    } finally {
      setApplying(false);
    }
  };
  const answerPlace = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (answer) answerPlace.current?.scrollIntoView({ block: 'nearest' });
  }, [answer]);
  const goTo = (line: number, column: number) => editor.current?.goTo(placeOf(text, line, column));
  const begin = (made: CodeEditorHandle) => {
    if (draft.text === '') return;
    made.goTo(placeOf(draft.text, draft.line ?? 1, 1));
    if (draft.isToBeChecked) void check();
  };
  const marks = useMemo(() => placesOf(problem).map(({ line, column, message }): Mark => markAt(text, line, column, message)), [problem, text]);
  const open = async (file: File | null) => {
    if (file) setText(await file.text());
  };
  const outline = useMemo(() => policyOutline(text).filter(({ name }) => name !== 'version'), [text]);
  return (
    <div className={classes.document} data-step={isDecision ? 'decide' : 'write'}>
      <form
        className={classes.write}
        onSubmit={(event) => {
          event.preventDefault();
          void check();
        }}
      >
        <div className={classes.head}>
          <div>
            <span className={classes.label}>Policy document</span>
            <p className={classes.about} id="policy-document-about">
              YAML. Nothing changes before you have seen the difference.
            </p>
          </div>
          <FileButton accept=".yaml,.yml,.json,text/yaml" onChange={(file) => void open(file)}>
            {(props) => (
              <Button size="xs" variant="default" {...props}>
                Open a file
              </Button>
            )}
          </FileButton>
        </div>
        {outline.length > 1 && (
          <nav className={classes.outline} aria-label="Parts of the document">
            {outline.map(({ name, line, count }) => (
              <button key={`${name} ${line}`} type="button" className={classes.part} onClick={() => goTo(line, 1)}>
                {name.replaceAll('_', ' ')}
                {count !== undefined && <span className="numbers"> {count}</span>}
              </button>
            ))}
          </nav>
        )}
        <CodeEditor
          ref={editor}
          onReady={begin}
          language="yaml"
          label="Policy document"
          describedBy="policy-document-about"
          value={text}
          onChange={setText}
          marks={marks}
          isInvalid={problem !== undefined}
          hasLineNumbers
          rows={[text === '' ? SHORT_ROWS : LONG_ROWS, MOST_ROWS]}
        />
        {first === 'ask' && (
          <Checkbox
            label="Remove what the document does not name"
            description="Without it, workflows, tools and scopes that it leaves out stay as they are."
            checked={isExact}
            onChange={(event) => setExact(event.currentTarget.checked)}
          />
        )}
        {!isDecision && (
          <div className={classes.next}>
            <Button type="submit" loading={isChecking} disabled={text.trim() === ''}>
              Show the difference
            </Button>
          </div>
        )}
      </form>
      <div ref={answerPlace} aria-live="polite" className={classes.answer}>
        {problem !== undefined && <Problems error={problem} onGo={goTo} />}
        {proposal && (
          <Difference proposal={proposal}>
            {mayApply && (
              <TextInput
                className={classes.why ?? ''}
                label="Why"
                description="Stands beside the version"
                maxLength={1024}
                value={comment}
                onChange={(event) => setComment(event.currentTarget.value)}
              />
            )}
          </Difference>
        )}
      </div>
      {isDecision && (
        <div className={classes.deed}>
          <Button variant="default" className={classes.back ?? ''} onClick={() => setAnswer(undefined)}>
            Back to the text
          </Button>
          <Button loading={isApplying} onClick={() => void apply(proposal)}>
            Apply {proposal.changes.length === 1 ? 'this change' : `these ${proposal.changes.length} changes`}
          </Button>
        </div>
      )}
    </div>
  );
}

/** The rest of the line from where it is wrong. */
function markAt(text: string, line: number, column: number, message: string): Mark {
  const from = placeOf(text, line, column);
  const end = text.indexOf('\n', from);
  return { from, to: Math.max(from, end < 0 ? text.length : end), severity: 'error', message };
}
