import { autocompletion, completionKeymap, type CompletionContext, type CompletionResult } from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands';
import { bracketMatching, HighlightStyle, StreamLanguage, syntaxHighlighting } from '@codemirror/language';
import { setDiagnostics } from '@codemirror/lint';
import { Compartment, EditorState, type Extension } from '@codemirror/state';
import { EditorView, keymap, lineNumbers, placeholder as placeholderOf } from '@codemirror/view';
import { tags } from '@lezer/highlight';
import { useEffect, useEffectEvent, useImperativeHandle, useRef, useState, type RefObject } from 'react';
import { celToken } from '#lib/cel_tokens.ts';
import type { Proposal } from '#lib/cel_complete.ts';
import { cspNonce } from '#lib/csp_nonce.ts';
import { yamlToken } from '#lib/yaml_tokens.ts';
import { height, type CodeEditorHandle, type CodeEditorProps } from './code_editor.tsx';
import classes from './code_editor.module.css';

type Tokenizer = (text: string) => { length: number; token: string | undefined };

function language(tokenOf: Tokenizer, comment: string): Extension {
  return StreamLanguage.define<null>({
    startState: () => null,
    token: (stream) => {
      const { length, token } = tokenOf(stream.string.slice(stream.pos));
      stream.pos += length;
      return token ?? null;
    },
    tokenTable: {
      key: tags.propertyName,
      name: tags.variableName,
      function: tags.function(tags.variableName),
      invalid: tags.invalid,
    },
    languageData: { commentTokens: { line: comment }, closeBrackets: { brackets: ['(', '[', '{'] } },
  });
}

const CEL = language(celToken, '//');
const LANGUAGES: Record<CodeEditorProps['language'], Extension> = { cel: CEL, json: CEL, yaml: language(yamlToken, '#') };

const COLOURS = syntaxHighlighting(
  HighlightStyle.define([
    { tag: tags.string, color: 'var(--json-string)' },
    { tag: tags.number, color: 'var(--json-number)' },
    { tag: tags.keyword, color: 'var(--json-word)' },
    { tag: tags.function(tags.variableName), color: 'var(--json-name)' },
    { tag: tags.propertyName, color: 'var(--json-name)' },
    { tag: tags.operator, color: 'var(--muted)' },
    { tag: tags.comment, color: 'var(--muted)', fontStyle: 'italic' },
    { tag: tags.invalid, color: 'var(--tone-red)' },
  ]),
);

/** Everything from the tokens, so that both themes are followed without knowing of them. */
const THEME = EditorView.theme({
  '&': { backgroundColor: 'transparent', color: 'var(--text)', fontSize: '13px' },
  '&.cm-focused': { outline: 'none' },
  '.cm-scroller': { fontFamily: 'var(--mantine-font-family-monospace)', lineHeight: '21px', borderRadius: '6px' },
  '.cm-content': { padding: '6px 0', caretColor: 'var(--text)' },
  '.cm-line': { padding: '0 10px' },
  '.cm-gutters': { backgroundColor: 'var(--sunken)', color: 'var(--muted)', border: 'none', borderRadius: '6px 0 0 6px' },
  '.cm-lineNumbers .cm-gutterElement': { padding: '0 6px 0 8px', minWidth: '28px' },
  '.cm-placeholder': { color: 'var(--muted)' },
  '&.cm-focused .cm-matchingBracket': { backgroundColor: 'var(--selected)', outline: '1px solid var(--focus)' },
  '.cm-lintRange-error': { backgroundImage: 'none', borderBottom: '2px solid var(--tone-red)' },
  '.cm-lintRange-warning': { backgroundImage: 'none', borderBottom: '2px dotted var(--tone-amber)' },
  '.cm-lintPoint:after': { borderBottomColor: 'var(--tone-red)' },
  '.cm-tooltip': { backgroundColor: 'var(--panel)', color: 'var(--text)', border: '1px solid var(--line)', borderRadius: '8px', boxShadow: 'var(--shadow)', maxWidth: 'min(420px, 92vw)', zIndex: 400 },
  '.cm-tooltip.cm-tooltip-autocomplete > ul': { fontFamily: 'var(--mantine-font-family-monospace)', maxHeight: '220px' },
  '.cm-tooltip.cm-tooltip-autocomplete > ul > li': { padding: '4px 10px', minHeight: '28px' },
  '.cm-tooltip.cm-tooltip-autocomplete > ul > li[aria-selected]': { backgroundColor: 'var(--selected)', color: 'var(--text)' },
  '.cm-completionDetail': { color: 'var(--muted)', fontStyle: 'normal', marginLeft: '10px' },
  '.cm-completionMatchedText': { textDecoration: 'none', fontWeight: '700' },
  '.cm-completionInfo': { padding: '8px 10px', fontFamily: 'var(--mantine-font-family)' },
  '.cm-diagnostic': { padding: '6px 10px', borderLeft: 'none' },
  '@media (max-width: 767px)': {
    '&': { fontSize: '16px' },
    '.cm-tooltip.cm-tooltip-autocomplete > ul > li': { padding: '9px 10px', minHeight: '44px' },
    '.cm-completionDetail': { display: 'none' },
  },
});

const KINDS: Record<Proposal['kind'], string> = { argument: 'property', name: 'variable', function: 'function', macro: 'keyword', value: 'constant' };

/** A pure proposer as CodeMirror asks for it. */
function sourceOf(complete: NonNullable<CodeEditorProps['complete']>) {
  return ({ state, pos, explicit }: CompletionContext): CompletionResult | null => {
    const found = complete(state.doc.toString(), pos);
    if (!found || found.options.length === 0) return null;
    const isBehindDot = state.sliceDoc(found.from - 1, found.from) === '.';
    const isValue = found.options[0]?.kind === 'value';
    if (!explicit && pos === found.from && !isBehindDot && !isValue) return null;
    return {
      from: found.from,
      validFor: /^\w*$/,
      // In their own order: fields as the schema has them, then functions.
      options: found.options.map(({ label, apply, detail, kind, info }, place) => ({
        label,
        boost: 99 - Math.min(place, 198),
        detail,
        type: KINDS[kind],
        ...(apply === undefined ? {} : { apply }),
        ...(info === undefined ? {} : { info }),
      })),
    };
  };
}

function handleOf(view: RefObject<EditorView | null>): CodeEditorHandle {
  return {
    focus: () => view.current?.focus(),
    goTo: (at) => {
      const now = view.current;
      if (!now) return;
      const anchor = Math.min(at, now.state.doc.length);
      now.focus();
      now.dispatch({ selection: { anchor }, effects: EditorView.scrollIntoView(anchor, { y: 'center' }) });
    },
    insert: (text) => {
      const now = view.current;
      if (!now) return;
      now.focus();
      now.dispatch(now.state.replaceSelection(text));
    },
  };
}

export default function CodeMirror({ language: name, value, onChange, label, describedBy, placeholder, marks, complete, hasLineNumbers = false, isInvalid = false, rows, isFocused = false, onReady, ref }: CodeEditorProps) {
  const place = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView>(null);
  const attributes = useRef(new Compartment());
  const changed = useEffectEvent((text: string) => onChange(text));
  const proposed = useEffectEvent((source: string, at: number) => complete?.(source, at));
  const described = EditorView.contentAttributes.of({
    'aria-label': label,
    'aria-multiline': 'true',
    'aria-invalid': String(isInvalid),
    // It can have the focus anyway; this says so to tools that look for it.
    tabindex: '0',
    spellcheck: 'false',
    autocapitalize: 'off',
    autocorrect: 'off',
    ...(describedBy ? { 'aria-describedby': describedBy } : {}),
  });

  const make = useEffectEvent((parent: HTMLElement) => {
    const extensions: Extension[] = [
      EditorView.cspNonce.of(cspNonce()),
      history(),
      bracketMatching(),
      EditorView.lineWrapping,
      keymap.of([...completionKeymap, ...defaultKeymap, ...historyKeymap]),
      LANGUAGES[name],
      COLOURS,
      THEME,
      attributes.current.of(described),
      EditorView.updateListener.of((update) => {
        if (update.docChanged) changed(update.state.doc.toString());
      }),
      ...(hasLineNumbers ? [lineNumbers()] : []),
      ...(placeholder === undefined ? [] : [placeholderOf(placeholder)]),
      // Enter takes a proposal as soon as it is shown: a new line is rare in a condition.
      ...(complete ? [autocompletion({ override: [sourceOf((source, at) => proposed(source, at))], icons: false, interactionDelay: 0 })] : []),
    ];
    view.current = new EditorView({ parent, state: EditorState.create({ doc: value, extensions }) });
    if (isFocused) {
      view.current.focus();
      view.current.dispatch({ selection: { anchor: view.current.state.doc.length } });
    }
    return view.current;
  });

  const [handle] = useState(() => handleOf(view));
  useImperativeHandle(ref, () => handle);
  const ready = useEffectEvent(() => onReady?.(handle));
  useEffect(() => {
    const made = place.current && make(place.current);
    ready();
    return () => made?.destroy();
  }, []);
  useEffect(() => {
    const now = view.current;
    if (now && now.state.doc.toString() !== value) {
      now.dispatch({ changes: { from: 0, to: now.state.doc.length, insert: value } });
    }
  }, [value]);
  useEffect(() => {
    view.current?.dispatch({ effects: attributes.current.reconfigure(described) });
    // `described` is made anew in each round: these are what it is made of.
  }, [label, describedBy, isInvalid]);
  useEffect(() => {
    const now = view.current;
    if (!now) return;
    const most = now.state.doc.length;
    const fitting = (marks ?? []).map((mark) => ({ ...mark, from: Math.min(mark.from, most), to: Math.min(mark.to, most) }));
    now.dispatch(setDiagnostics(now.state, fitting));
  }, [marks]);
  return (
    <div
      ref={place}
      className={classes.editor}
      data-invalid={isInvalid || undefined}
      data-code-editor={name}
      style={{ ['--least' as string]: `${height(rows[0])}px`, ['--most' as string]: `${height(rows[1])}px` }}
    />
  );
}
