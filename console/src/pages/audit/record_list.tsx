import { Button } from '@mantine/core';
import { useInfiniteQuery, useQuery, useQueryClient, type InfiniteData } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { memo, useEffect, useMemo, useState } from 'react';
import { newRecords, records, type RecordFilter, type RecordPage } from '#api/audit_queries.ts';
import { EmptyState } from '#components/empty_state.tsx';
import { ErrorPanel } from '#components/error_panel.tsx';
import { ChevronRight, List } from '#components/icons.tsx';
import { ArrowUp } from '#components/icons_tools.tsx';
import { JsonView } from '#components/json_view.tsx';
import { SafeText } from '#components/safe_text.tsx';
import { LineSkeletons } from '#components/skeletons.tsx';
import { StatusBadge } from '#components/status_badge.tsx';
import { fullTime } from '#lib/time.ts';
import { actorWords, decisionWords, deedWords, subjectWords, timeline, type AuditLine, type CallLine, type TimelineItem } from '#lib/record_words.ts';
import { RecordFilters } from './record_filters.tsx';
import classes from './record_list.module.css';

/** Nearer to the top than this, what comes is shown at once. */
const TOP = 80;

export function RecordList({ filter }: { filter: RecordFilter }) {
  return (
    <>
      <RecordFilters filter={filter} />
      <Timeline key={JSON.stringify(filter)} filter={filter} />
    </>
  );
}

function Timeline({ filter }: { filter: RecordFilter }) {
  const { data, error, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery(records(filter));
  const items = useMemo(() => timeline((data?.pages ?? []).flatMap((page) => page.items)), [data]);
  const { waiting, show } = useNews(filter, data);

  if (!data) return error ? <ErrorPanel error={error} onRetry={() => void refetch()} /> : <LineSkeletons count={9} height={56} />;
  const isFiltered = Object.keys(filter).length > 0;
  return (
    <>
      {waiting > 0 && (
        <div className={classes.news}>
          <Button size="compact-sm" radius="xl" leftSection={<ArrowUp size={14} />} onClick={show}>
            {waiting === 1 ? '1 new' : `${waiting} new`}
          </Button>
        </div>
      )}
      <p className="visually-hidden" role="status" aria-live="polite">
        {waiting > 0 ? `${waiting} new entries` : ''}
      </p>
      {items.length === 0 && !hasNextPage ? (
        <div className={classes.panel}>
          <EmptyState icon={List} title={isFiltered ? 'Nothing in the record fits' : 'No call yet'}>
            {isFiltered ? 'Widen the time, or clear the filters.' : 'Every call of an agent appears here by itself, with who decided and what came of it.'}
          </EmptyState>
        </div>
      ) : (
        days(items).map(({ day, items: ofDay }) => (
          <section key={day} className={classes.day} aria-label={day}>
            <h2 className={classes.date}>{day}</h2>
            <ol className={classes.panel}>
              {ofDay.map((item) => (
                <li key={item.id} className={classes.item}>
                  {item.type === 'call' ? <CallRow call={item.call} /> : <RecordRow record={item.record} />}
                </li>
              ))}
            </ol>
          </section>
        ))
      )}
      {error && <ErrorPanel error={error} />}
      {hasNextPage && (
        <div className={classes.more}>
          <Button variant="default" loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>
            {items.length === 0 ? 'Look further back' : 'Show older ones'}
          </Button>
        </div>
      )}
    </>
  );
}

/**
 * What was recorded since the list was read. At its top it joins the list by itself; further down a
 * button says how much there is, and nothing moves under one's eyes.
 */
function useNews(filter: RecordFilter, data: InfiniteData<RecordPage> | undefined) {
  const client = useQueryClient();
  const { data: newest } = useQuery({ ...newRecords(filter), enabled: data !== undefined });
  const [isHeld, setHeld] = useState(false);
  const fresh = useMemo(() => {
    if (!data || !newest) return [];
    const known = new Set(data.pages.flatMap((page) => page.items.map(({ id }) => id)));
    return newest.items.filter(({ id }) => !known.has(id));
  }, [data, newest]);
  // More than a page came: what lies between is not at hand.
  const isGap = data !== undefined && newest !== undefined && fresh.length > 0 && fresh.length === newest.items.length && data.pages[0]?.items.length !== 0;

  const show = () => {
    setHeld(false);
    if (isGap) void client.resetQueries({ queryKey: records(filter).queryKey });
    else {
      client.setQueryData(records(filter).queryKey, (old) => {
        const [first, ...rest] = old?.pages ?? [];
        if (!old || !first) return old;
        return { ...old, pages: [{ ...first, items: [...fresh, ...first.items] }, ...rest] };
      });
    }
    scrollTo({ top: 0 });
  };
  useEffect(() => {
    if (fresh.length === 0) return;
    if (scrollY < TOP) show();
    else setHeld(true);
    // Only what is new decides.
  }, [fresh]);
  const begun = fresh.filter((record) => record.call === undefined || record.kind === 'call.decided' || filter.show !== undefined);
  return { waiting: isHeld ? begun.length : 0, show };
}

function days(items: readonly TimelineItem[]): { day: string; items: TimelineItem[] }[] {
  const out: { day: string; items: TimelineItem[] }[] = [];
  for (const item of items) {
    const day = new Date(item.at).toLocaleDateString(undefined, { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' });
    const last = out.at(-1);
    if (last?.day === day) last.items.push(item);
    else out.push({ day, items: [item] });
  }
  return out;
}

function Clock({ at }: { at: string }) {
  const time = Date.parse(at);
  return (
    <time dateTime={at} title={fullTime(time)} className={classes.time}>
      {new Date(time).toLocaleTimeString('en-GB')}
    </time>
  );
}

const CallRow = memo(function CallRow({ call }: { call: CallLine }) {
  const why = decisionWords(call.decision);
  return (
    <Link to="/audit/$id" params={{ id: call.call }} preload={false} className={classes.row} data-call={call.call} data-state={call.state}>
      <Clock at={call.at} />
      <span className={classes.badge}>
        <StatusBadge status={call.state} />
      </span>
      <span className={classes.words}>
        <span>
          <b className={classes.tool}>
            <SafeText text={call.tool} />
          </b>
          <span className={classes.muted}>
            {call.server !== '' && (
              <>
                {' on '}
                <SafeText text={call.server} />
              </>
            )}
            {call.agent !== '' && (
              <>
                {' by '}
                <SafeText text={call.agent} />
              </>
            )}
          </span>
        </span>
        {(why !== '' || call.people.length > 0) && (
          <span className={classes.why}>
            {call.decision && <>{ACTIONS[call.decision.action ?? ''] ?? ''}</>}
            {why !== '' && (
              <>
                {call.decision?.rule ? ' by ' : ': '}
                <SafeText text={why} />
              </>
            )}
            {call.people.length > 0 && (
              <>
                {'; decided by '}
                <SafeText text={call.people.join(', ')} />
              </>
            )}
          </span>
        )}
      </span>
      <ChevronRight size={16} className={classes.go} />
    </Link>
  );
});

const ACTIONS: Record<string, string> = { allow: 'Allowed', deny: 'Denied', require_approval: 'Held' };

const RecordRow = memo(function RecordRow({ record }: { record: AuditLine }) {
  const [isOpen, setOpen] = useState(false);
  const subject = subjectWords(record);
  const who = actorWords(record.actor);
  return (
    <div data-record={record.kind}>
      <button type="button" className={classes.row} aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
        <Clock at={record.at} />
        <span className={classes.words}>
          <span>
            <b>
              <SafeText text={who} />
            </b>{' '}
            {deedWords(record.kind)}
            {subject !== '' && (
              <>
                {': '}
                <SafeText text={subject} />
              </>
            )}
          </span>
        </span>
        <ChevronRight size={16} className={classes.turn} />
      </button>
      {isOpen && (
        <div className={classes.whole}>
          <JsonView value={record} label="record" />
        </div>
      )}
    </div>
  );
});
