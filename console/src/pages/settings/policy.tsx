import { Button, FileButton, Textarea, TextInput } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState, type ReactNode } from 'react';
import { exportPolicy, policyVersions } from '#api/access_queries.ts';
import { api, body, type Schemas } from '#api/client.ts';
import { isApiError, type ApiError } from '#api/problem.ts';
import { me, status } from '#api/queries.ts';
import { DataTable, type Column } from '#components/data_table.tsx';
import { EmptyState } from '#components/empty_state.tsx';
import { ErrorPanel } from '#components/error_panel.tsx';
import { CheckCircle, List, Warning, XOctagon } from '#components/icons.tsx';
import { Panel } from '#components/panel.tsx';
import { withPassword } from '#components/reauthenticate.tsx';
import { SafeText } from '#components/safe_text.tsx';
import { LineSkeletons } from '#components/skeletons.tsx';
import { RelativeTime } from '#components/times.tsx';
import { toast } from '#components/toasts.tsx';
import { placeOf } from '#lib/text_place.ts';
import classes from './settings.module.css';

/** The rules as a document: out, in, and what was in force before. */
export function Policy() {
  const { data: who } = useQuery(me());
  const { data: server } = useQuery(status());
  const mayApply = who?.permissions.includes('configure_policy') ?? false;
  const [text, setText] = useState('');
  const load = async (edit: boolean) => {
    try {
      const { document, version } = await exportPolicy();
      if (edit) setText(document);
      else save(document, `policy-${version}.yaml`);
    } catch (problem) {
      toast(problem instanceof Error ? problem.message : 'It could not be exported.', 'problem');
    }
  };
  return (
    <div className={classes.stack}>
      <Panel
        title={server ? `In force: version ${server.policy_version}` : 'In force'}
        actions={
          <span className={classes.buttons}>
            {mayApply && (
              <Button size="xs" variant="default" onClick={() => void load(true)}>
                Edit it below
              </Button>
            )}
            <Button size="xs" variant="default" onClick={() => void load(false)}>
              Export
            </Button>
          </span>
        }
      >
        <p className={classes.text}>
          Rules, workflows, servers and defaults in one YAML document, to keep in git. Importing an export changes nothing;
          secrets are named in it, never contained.
        </p>
      </Panel>
      <Import text={text} onText={setText} mayApply={mayApply} />
      <Versions />
    </div>
  );
}

function save(text: string, name: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: 'application/yaml' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}

/** What was asked about, and the answer. */
type Answer = { text: string } & ({ proposal: Schemas['PolicyProposal'] } | { error: unknown });

function Import({ text, onText, mayApply }: { text: string; onText: (text: string) => void; mayApply: boolean }) {
  const client = useQueryClient();
  const area = useRef<HTMLTextAreaElement>(null);
  const [isChecking, setChecking] = useState(false);
  const [isApplying, setApplying] = useState(false);
  const [comment, setComment] = useState('');
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
    element.focus();
    element.setSelectionRange(at, at);
    element.scrollTop = Math.max(0, (line - 4) * 20);
  };
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
          rows={12}
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

/** Each problem with its place; pressing one goes there. */
function Problems({ error, onGo }: { error: unknown; onGo: (line: number, column: number) => void }) {
  const placed = isApiError(error, 400) ? error.errors.flatMap(withPlace) : [];
  if (placed.length === 0) return <ErrorPanel error={error} />;
  return (
    <div role="alert">
      <p className={classes.verdict} data-tone="red">
        <XOctagon /> {placed.length === 1 ? 'One thing is wrong. Nothing was changed.' : `${placed.length} things are wrong. Nothing was changed.`}
      </p>
      <ul className={classes.problems}>
        {placed.map(({ line, column, message }) => (
          <li key={`${line}:${column}:${message}`}>
            <button type="button" className={classes.problem} onClick={() => onGo(line, column)}>
              <span className={classes.at}>
                Line {line}, column {column}
              </span>
              <SafeText text={message} />
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}

function withPlace({ path, message }: ApiError['errors'][number]): { line: number; column: number; message: string }[] {
  const found = /(\d+)\D+(\d+)/.exec(path);
  return found ? [{ line: Number(found[1]), column: Number(found[2]), message }] : [];
}

/** What applying would do, line by line. */
function Difference({ proposal, children }: { proposal: Schemas['PolicyProposal']; children: ReactNode }) {
  const { changes, warnings } = proposal;
  return (
    <>
      {changes.length === 0 ? (
        <p className={classes.verdict} data-tone="green">
          <CheckCircle /> It is in force already: applying it changes nothing.
        </p>
      ) : (
        <>
          <h3 className={classes.diffTitle}>
            {changes.length === 1 ? 'One change' : `${changes.length} changes`} to version {proposal.base_version}
          </h3>
          <ul className={classes.diff} aria-label="Changes">
            {changes.map((change) => (
              <li key={`${change.section} ${change.name} ${change.kind} ${change.before}`} className={classes.change}>
                <span className={classes.where}>
                  {change.kind} in <SafeText text={change.section} />
                  {change.name !== '' && (
                    <>
                      : <SafeText text={change.name} />
                    </>
                  )}
                </span>
                {change.kind !== 'added' && change.before !== '' && (
                  <del className={classes.minus}>
                    <span aria-hidden="true">- </span>
                    <SafeText text={change.before} lines />
                  </del>
                )}
                {change.kind !== 'removed' && change.after !== '' && (
                  <ins className={classes.plus}>
                    <span aria-hidden="true">+ </span>
                    <SafeText text={change.after} lines />
                  </ins>
                )}
              </li>
            ))}
          </ul>
        </>
      )}
      {warnings.length > 0 && (
        <div className={classes.warnings}>
          <Warning />
          <ul className={classes.plain}>
            {warnings.map(({ path, message }) => (
              <li key={path + message}>
                <SafeText text={message} /> {path !== '' && <span className={classes.quiet}>({path})</span>}
              </li>
            ))}
          </ul>
        </div>
      )}
      {changes.length > 0 && children}
    </>
  );
}

const columns: readonly Column<Schemas['PolicyVersion']>[] = [
  { title: 'Version', isMain: true, cell: (one) => <span className="numbers">{one.number}</span> },
  { title: 'By', cell: (one) => <SafeText text={one.actor} /> },
  {
    title: 'Why',
    cell: (one) => (one.comment === '' ? <span className={classes.quiet}>not said</span> : <SafeText text={one.comment} />),
  },
  { title: 'When', align: 'right', cell: (one) => <RelativeTime at={one.created_at} /> },
];

function Versions() {
  const { data, error, refetch } = useQuery(policyVersions());
  return (
    <Panel title="Versions" flush={Boolean(data)}>
      {!data ? (
        error ? (
          <ErrorPanel error={error} onRetry={() => void refetch()} />
        ) : (
          <LineSkeletons count={3} />
        )
      ) : data.length === 0 ? (
        <EmptyState icon={List} title="No policy yet">
          Without one every call is allowed, and tools that are new wait for a person.
        </EmptyState>
      ) : (
        <DataTable label="Policy versions" columns={columns} rows={data} rowKey={(one) => String(one.number)} />
      )}
    </Panel>
  );
}
