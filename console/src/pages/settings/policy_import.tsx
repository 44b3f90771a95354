import { Button, FileButton, Textarea, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useEffectEvent, useRef, useState } from 'react';
import { api, body, type Schemas } from '#api/client.ts';
import { Panel } from '#components/panel.tsx';
import { withPassword } from '#components/reauthenticate.tsx';
import { toast } from '#components/toasts.tsx';
import { placeOf } from '#lib/text_place.ts';
import { Difference, Problems } from './policy_answer.tsx';
import classes from './settings.module.css';

/** An empty form does not push away what is below it. */
const SHORT_ROWS = 5;
const LONG_ROWS = 14;

/** What was asked about, and the answer. */
type Answer = { text: string } & ({ proposal: Schemas['PolicyProposal'] } | { error: unknown });

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

/** A document, its difference to what is in force, and then the deed. */
export function Import({ draft, mayApply }: { draft: Draft; mayApply: boolean }) {
  const [text, onText] = useState(draft.text);
  const client = useQueryClient();
  const area = useRef<HTMLTextAreaElement>(null);
  const [isChecking, setChecking] = useState(false);
  const [isApplying, setApplying] = useState(false);
  const [comment, setComment] = useState(draft.comment ?? '');
  const [answer, setAnswer] = useState<Answer>();
  const current = answer && answer.text === text ? answer : undefined;

  const check = async () => {
    setChecking(true);
    try {
      const proposal = await body(api.POST('/policies/diff', { body: { document: text, prune: true } }));
      setAnswer({ text, proposal });
    } catch (error) {
      setAnswer({ text, error });
    } finally {
      setChecking(false);
    }
  };
  const apply = async (proposal: Schemas['PolicyProposal']) => {
    setApplying(true);
    try {
      const applied = await withPassword(() =>
        body(
          api.POST('/policies/apply', {
            body: {
              document: text,
              prune: true,
              expected_version: proposal.base_version,
              ...(comment.trim() === '' ? {} : { comment: comment.trim() }),
            },
          }),
        ),
      );
      toast(`Policy version ${applied.version} is in force.`);
      setAnswer(undefined);
      setComment('');
      onText('');
      for (const key of ['policy', 'status', 'workflows']) void client.invalidateQueries({ queryKey: [key] });
    } catch (error) {
      setAnswer({ text, error });
    } finally {
      setApplying(false);
    }
  };
  const answerPlace = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (answer) answerPlace.current?.scrollIntoView({ block: 'nearest' });
  }, [answer]);
  const goTo = (line: number, column: number) => {
    const element = area.current;
    if (!element) return;
    const at = placeOf(text, line, column);
    element.setSelectionRange(at, at);
    // It scrolls to its caret when it gets the focus.
    element.blur();
    element.focus();
  };
  // The form is made anew with each draft.
  const begin = useEffectEvent(() => {
    if (draft.text === '') return;
    goTo(draft.line ?? 1, 1);
    area.current?.scrollIntoView({ block: 'center' });
    if (draft.isToBeChecked) void check();
  });
  useEffect(() => begin(), []);
  const open = async (file: File | null) => {
    if (file) onText(await file.text());
  };
  return (
    <Panel
      title={mayApply ? 'Import' : 'Check a document'}
      actions={
        <FileButton accept=".yaml,.yml,.json,text/yaml" onChange={(file) => void open(file)}>
          {(props) => (
            <Button size="xs" variant="default" {...props}>
              Open a file
            </Button>
          )}
        </FileButton>
      }
    >
      <form
        className={classes.stack}
        onSubmit={(event) => {
          event.preventDefault();
          void check();
        }}
      >
        <Textarea
          ref={area}
          label="Policy document"
          description="YAML. Nothing changes before you have seen the difference."
          autosize={false}
          rows={text === '' ? SHORT_ROWS : LONG_ROWS}
          spellCheck={false}
          value={text}
          onChange={(event) => onText(event.currentTarget.value)}
          classNames={{ input: classes.editor ?? '' }}
        />
        {!(current && 'proposal' in current && current.proposal.changes.length > 0 && mayApply) && (
          <div>
            <Button type="submit" loading={isChecking} disabled={text.trim() === ''}>
              Show the difference
            </Button>
          </div>
        )}
      </form>
      <div ref={answerPlace} aria-live="polite" className={classes.answer}>
        {current && 'error' in current && <Problems error={current.error} onGo={goTo} />}
        {current && 'proposal' in current && (
          <Difference proposal={current.proposal}>
            {mayApply && (
              <div className={classes.apply}>
                <TextInput
                  label="Why"
                  description="Stands beside the version"
                  maxLength={1024}
                  value={comment}
                  onChange={(event) => setComment(event.currentTarget.value)}
                />
                <Button loading={isApplying} onClick={() => void apply(current.proposal)}>
                  Apply {current.proposal.changes.length === 1 ? 'this change' : `these ${current.proposal.changes.length} changes`}
                </Button>
              </div>
            )}
          </Difference>
        )}
      </div>
    </Panel>
  );
}
