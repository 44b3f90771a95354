import { useQuery } from '@tanstack/react-query';
import { Link, useParams, useRouter } from '@tanstack/react-router';
import { useState, type MouseEvent, type ReactNode } from 'react';
import { callStory, type CallStory, type Payload } from '#api/audit_queries.ts';
import { isApiError } from '#api/problem.ts';
import { backLink } from '#components/back_link.tsx';
import { CopyIcon } from '#components/code_block.tsx';
import { EmptyState } from '#components/empty_state.tsx';
import { ErrorPanel } from '#components/error_panel.tsx';
import { CheckCircle, Clock, ClockOff, Play, Question, ShieldLock, Slash, Warning, XOctagon, type Icon } from '#components/icons.tsx';
import { JsonView } from '#components/json_view.tsx';
import { usePageTitle } from '#components/page_header.tsx';
import { SafeText } from '#components/safe_text.tsx';
import { LineSkeletons } from '#components/skeletons.tsx';
import { StatusBadge, type Tone } from '#components/status_badge.tsx';
import { RelativeTime } from '#components/times.tsx';
import { parseExact } from '#lib/exact_json.ts';
import { actorWords, callState, decisionWords, deedWords, tookWords, type AuditLine } from '#lib/record_words.ts';
import { fullTime } from '#lib/time.ts';
import classes from './story_page.module.css';

/** One call from the decision to its outcome, as the record has it. */
export function StoryPage() {
  const { id } = useParams({ from: '/shell/audit/$id' });
  const { data: story, error, refetch } = useQuery(callStory(id));
  const first = story?.items[0];
  const back = useBack();
  usePageTitle(first?.tool ? `${first.tool}: the whole story` : 'A call');
  return (
    <div className={classes.page}>
      <Link to="/audit" search={{}} {...backLink('Timeline')} onClick={back} />
      {story && first ? (
        <Story story={story} first={first} />
      ) : isApiError(error, 404) || isApiError(error, 400) ? (
        <EmptyState icon={Question} heading="h1" title="The record knows no such call">
          It may belong to another server, or was deleted as the retention rule says.
        </EmptyState>
      ) : isApiError(error, 403) ? (
        <EmptyState icon={Question} heading="h1" title="The record is not for your role">
          Approvers, admins and owners read it.
        </EmptyState>
      ) : error ? (
        <ErrorPanel error={error} onRetry={() => void refetch()} />
      ) : (
        <LineSkeletons count={5} height={88} />
      )}
    </div>
  );
}

/** To the list as it was, filters and place included, for whoever came from there. */
function useBack(): (event: MouseEvent) => void {
  const router = useRouter();
  return (event) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey || !router.history.canGoBack()) return;
    event.preventDefault();
    router.history.back();
  };
}

function Story({ story, first }: { story: CallStory; first: AuditLine }) {
  const records = story.items;
  const last = records.at(-1) as AuditLine;
  const agent = records.find((record) => record.actor.class === 'agent')?.actor.name ?? '';
  const approval = records.find((record) => record.approval !== undefined)?.approval;
  const state = callState(records);
  const isOver = !['pending', 'executing', 'allow', 'approved'].includes(state);
  return (
    <article data-story={story.call_id} data-state={state}>
      <header className={classes.head}>
        <StatusBadge status={state} />
        <h1 className={classes.title}>
          <span className={classes.tool}>
            <SafeText text={first.tool ?? ''} />
          </span>
          <span className={classes.on}>
            {' '}
            on <SafeText text={first.server ?? ''} />
          </span>
        </h1>
        <p className={classes.who}>
          {agent !== '' && (
            <>
              <b>
                <SafeText text={agent} />
              </b>{' '}
              called it <RelativeTime at={first.at} />
            </>
          )}
          {isOver && records.length > 1 && `; from the first record to the last ${tookWords(Date.parse(last.at) - Date.parse(first.at))}`}
        </p>
      </header>
      <ol className={classes.steps}>
        {records.map((record, place) => (
          <Step
            key={record.id}
            record={record}
            payloads={story.payloads.filter((one) => one.record_id === record.id)}
            since={place === 0 ? undefined : Date.parse(record.at) - Date.parse(first.at)}
          />
        ))}
      </ol>
      {!isOver && <p className={classes.open}>The story goes on: what comes appears here by itself.</p>}
      <dl className={classes.facts}>
        <dt>Call</dt>
        <dd className={classes.id}>
          {story.call_id} <CopyIcon value={story.call_id} label="Copy the call’s id" />
        </dd>
        {approval !== undefined && (
          <>
            <dt>Request</dt>
            <dd>
              <Link to="/approval/$id" params={{ id: approval }} className={classes.link}>
                What the people who decided saw
              </Link>
            </dd>
          </>
        )}
      </dl>
    </article>
  );
}

const LOOKS: Record<string, { icon: Icon; tone: Tone }> = {
  'call.dispatched': { icon: Play, tone: 'blue' },
  'call.unknown': { icon: Question, tone: 'violet' },
  'call.cancelled': { icon: Slash, tone: 'grey' },
  'call.released': { icon: Slash, tone: 'grey' },
  'approval.created': { icon: Clock, tone: 'amber' },
  'approval.approved': { icon: CheckCircle, tone: 'green' },
  'approval.declined': { icon: XOctagon, tone: 'red' },
  'approval.expired': { icon: ClockOff, tone: 'grey' },
  'approval.cancelled': { icon: Slash, tone: 'grey' },
  'approval.superseded': { icon: Slash, tone: 'grey' },
};

function lookOf(record: AuditLine): { icon: Icon; tone: Tone } {
  const details = record.details ?? {};
  if (record.kind === 'call.decided') {
    const action = record.decision?.action;
    if (action === 'allow') return { icon: CheckCircle, tone: 'green' };
    return action === 'deny' ? { icon: XOctagon, tone: 'red' } : { icon: ShieldLock, tone: 'blue' };
  }
  if (record.kind === 'call.completed') {
    return details.outcome === 'succeeded' ? { icon: CheckCircle, tone: 'green' } : { icon: Warning, tone: 'red' };
  }
  if (record.kind === 'approval.voted') {
    return details.decision === 'approve' ? { icon: CheckCircle, tone: 'green' } : { icon: XOctagon, tone: 'red' };
  }
  return LOOKS[record.kind] ?? { icon: CheckCircle, tone: 'grey' };
}

const OUTCOMES: Record<string, string> = {
  succeeded: 'The tool answered',
  tool_error: 'The tool answered with an error',
  upstream_error: 'The server failed',
  not_sent: 'It was never sent',
  unknown: 'The answer was lost: it may or may not have happened',
  cancelled: 'Cancelled',
};

/** What a step is called: a sentence with who did it. */
function Headline({ record }: { record: AuditLine }): ReactNode {
  const details = record.details ?? {};
  const who = (
    <b>
      <SafeText text={actorWords(record.actor)} />
    </b>
  );
  switch (record.kind) {
    case 'call.decided': {
      const action = record.decision?.action;
      return <b>{action === 'allow' ? 'Allowed' : action === 'deny' ? 'Denied' : 'Held: a person decides'}</b>;
    }
    case 'approval.created':
      return <b>People were asked</b>;
    case 'approval.voted':
      return (
        <>
          {who} {details.decision === 'approve' ? 'approved' : 'declined'}
          {details.channel === 'cli' && ' at a terminal'}
        </>
      );
    case 'approval.approved':
      return <b>The request is approved</b>;
    case 'approval.declined':
      return <b>The request is declined</b>;
    case 'approval.expired':
      return <b>Nobody decided in time</b>;
    case 'approval.consumed':
      return <b>The approval was used, once</b>;
    case 'call.dispatched':
      return (
        <b>
          Sent to <SafeText text={record.server ?? 'the server'} />
        </b>
      );
    case 'call.completed':
    case 'call.unknown':
    case 'call.cancelled':
      return <b>{OUTCOMES[String(details.outcome)] ?? deedWords(record.kind)}</b>;
    default:
      return (
        <>
          {who} {deedWords(record.kind)}
        </>
      );
  }
}

function Step({ record, payloads, since }: { record: AuditLine; payloads: Payload[]; since: number | undefined }) {
  const [isOpen, setOpen] = useState(false);
  const { icon: Drawing, tone } = lookOf(record);
  const details = record.details ?? {};
  const why = record.kind === 'call.decided' ? decisionWords(record.decision) : '';
  const reason = typeof details.reason === 'string' ? details.reason : '';
  const time = Date.parse(record.at);
  return (
    <li className={classes.step} data-step={record.kind}>
      <span className={classes.mark} data-tone={tone}>
        <Drawing size={16} />
      </span>
      <div className={classes.body}>
        <div className={classes.line}>
          <span>
            <Headline record={record} />
          </span>
          <time dateTime={record.at} title={fullTime(time)} className={classes.time}>
            {since === undefined ? new Date(time).toLocaleTimeString('en-GB') : `+${tookWords(since)}`}
          </time>
        </div>
        {why !== '' && (
          <p className={classes.why}>
            {record.decision?.rule ? 'By ' : 'Because '}
            <SafeText text={why} />
            {record.policy && (
              <span title={record.policy.hash}>
                {', policy '}
                {record.policy.hash ? <code className={classes.hash}>{record.policy.hash.slice(0, 12)}</code> : `of generation ${record.policy.generation}`}
              </span>
            )}
          </p>
        )}
        {typeof details.approvers === 'string' && (
          <p className={classes.why}>
            <SafeText text={details.approvers} />
            {typeof details.expires_at === 'string' && `, until ${fullTime(Date.parse(details.expires_at))}`}
          </p>
        )}
        {reason !== '' && (
          <p className={classes.why}>
            <SafeText text={reason} lines />
          </p>
        )}
        {payloads.map((payload) => (
          <Content key={payload.kind} payload={payload} />
        ))}
        <button type="button" className={classes.raw} aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
          {isOpen ? 'Hide the record' : `Record ${record.seq}`}
        </button>
        {isOpen && <JsonView value={record} label="record" />}
      </div>
    </li>
  );
}

const CONTENTS: Record<Payload['kind'], string> = { args: 'Arguments', result: 'Result', error: 'Error', comment: 'Comment' };

/** Arguments, result, comment as they were kept: masked, sometimes only the beginning, or erased. */
function Content({ payload }: { payload: Payload }) {
  if (payload.kind === 'comment') {
    return (
      <p className={classes.comment}>
        <SafeText text={payload.text} lines />
      </p>
    );
  }
  const value = parsed(payload.text);
  return (
    <section className={classes.content}>
      <h2 className={classes.label}>{CONTENTS[payload.kind]}</h2>
      {payload.text === '' && !payload.complete ? (
        <p className={classes.why}>Not kept any more ({payload.size.toLocaleString('en')} bytes). The record still holds its fingerprint.</p>
      ) : value === undefined ? (
        <pre className={classes.text}>
          <SafeText text={payload.text} lines />
        </pre>
      ) : (
        <JsonView value={value} label={CONTENTS[payload.kind].toLowerCase()} />
      )}
      {payload.text !== '' && !payload.complete && <p className={classes.why}>Only the beginning of {payload.size.toLocaleString('en')} bytes was kept.</p>}
    </section>
  );
}

function parsed(text: string): unknown {
  try {
    const value = parseExact(text);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
