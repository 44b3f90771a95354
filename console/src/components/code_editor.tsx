import { lazy, Suspense, type Ref } from 'react';
import type { Completion } from '#lib/cel_complete.ts';
import classes from './code_editor.module.css';

/** Where something is wrong: offsets into the text. */
export interface Mark {
  from: number;
  to: number;
  severity: 'error' | 'warning';
  message: string;
}

/** For those who move the caret from outside. */
export interface CodeEditorHandle {
  focus: () => void;
  /** Puts the caret there and scrolls to it. */
  goTo: (place: number) => void;
  /** In place of what is selected. */
  insert: (text: string) => void;
}

export interface CodeEditorProps {
  language: 'cel' | 'json' | 'yaml';
  value: string;
  onChange: (value: string) => void;
  /** Its name for screen readers; what is seen stands beside it. */
  label: string;
  describedBy?: string;
  placeholder?: string;
  marks?: readonly Mark[];
  complete?: (source: string, place: number) => Completion | undefined;
  hasLineNumbers?: boolean;
  isInvalid?: boolean;
  /** How high it is at least and at most, in lines. */
  rows: readonly [number, number];
  /** Has the focus as soon as it is there. */
  isFocused?: boolean;
  /** Once, when there is a caret to place: the editor's code comes later than the page. */
  onReady?: (editor: CodeEditorHandle) => void;
  ref?: Ref<CodeEditorHandle>;
}

/** The editor is large and most visits need none: it comes with the first one that is shown. */
const Editor = lazy(() => import('./code_mirror.tsx'));

/** Text in a language: colours, completion, marks where something is wrong. Tab leaves it. */
export function CodeEditor(props: CodeEditorProps) {
  return (
    <Suspense fallback={<pre className={classes.waiting} style={{ minHeight: height(props.rows[0]) }}>{props.value.slice(0, 4_000)}</pre>}>
      <Editor {...props} />
    </Suspense>
  );
}

/** Lines of 21 px in a field with 6 px above and below. */
export function height(rows: number): number {
  return rows * 21 + 14;
}
