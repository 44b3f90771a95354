import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { memo, useCallback, useEffect, useRef, useState, type MouseEvent } from 'react';
import { approval, MOST_PENDING, pendingApprovals, type Approval } from '#api/queries.ts';
import { EmptyState } from '#components/empty_state.tsx';
import { ErrorPanel } from '#components/error_panel.tsx';
import { CheckCircle } from '#components/icons.tsx';
import { Key, useKeys } from '#components/keys.tsx';
import { PageHeader } from '#components/page_header.tsx';
import { SafeText } from '#components/safe_text.tsx';
import { LineSkeletons } from '#components/skeletons.tsx';
import { Split, useIsWide } from '#components/split.tsx';
import { tab, Tabs } from '#components/tabs.tsx';
import { Countdown } from '#components/times.tsx';
import { safeString } from '#lib/safe_text.ts';
import { summaryOf } from '#lib/summary.ts';
import { ApprovalView } from './approval_view.tsx';
import classes from './approvals_page.module.css';
import { History } from './history.tsx';
import { Similar } from './similar.tsx';

export function ApprovalsPage() {
  const { tab: shown } = useSearch({ from: '/shell/approvals' });
  const { data } = useQuery(pendingApprovals());
  return (
    <>
      <PageHeader title="Approvals" about="Calls that are held until a person has decided." />
      <Tabs label="Approvals">
        <Link to="/approvals" search={{}} {...tab(shown !== 'history')}>
          Waiting{data && data.length > 0 ? ` (${data.length}${data.length >= MOST_PENDING ? '+' : ''})` : ''}
        </Link>
        <Link to="/approvals" search={{ tab: 'history' }} {...tab(shown === 'history')}>
          History
        </Link>
      </Tabs>
      {shown === 'history' ? <History /> : <Queue />}
    </>
  );
}

/** The list of what waits, and the selected request beside it where there is room. */
function Queue() {
  const navigate = useNavigate({ from: '/approvals' });
  const { id } = useSearch({ from: '/shell/approvals' });
  const isWide = useIsWide();
  const { data: pending, error, refetch } = useQuery(pendingApprovals());
  const [first, setFirst] = useState<string>();
  // Without a choice it is the first, and stays that one whatever comes and goes: nobody decides on
  // something that moved under their hand.
  useEffect(() => {
    if (first === undefined && pending?.[0]) setFirst(pending[0].id);
  }, [first, pending]);
  const selected = id ?? first;

  const select = useCallback(
    (next: string) => void navigate({ search: { id: next }, replace: true }),
    [navigate],
  );
  const openPage = useCallback(
    (next: string) => void navigate({ to: '/approval/$id', params: { id: next } }),
    [navigate],
  );
  const choose = isWide ? select : openPage;
  const move = (step: number) => {
    if (!pending || pending.length === 0) return;
    const place = pending.findIndex((one) => one.id === selected);
    const next = pending[Math.min(Math.max(place < 0 ? 0 : place + step, 0), pending.length - 1)];
    if (next) select(next.id);
  };
  const open = () => {
    if (selected) openPage(selected);
  };
  useKeys({ j: () => move(1), k: () => move(-1), Enter: open });

  const decided = (request: Approval) => {
    const rest = pending?.filter((one) => one.id !== request.id) ?? [];
    const place = pending?.findIndex((one) => one.id === request.id) ?? 0;
    const next = rest[Math.min(place, rest.length - 1)];
    if (request.status !== 'pending' && next) select(next.id);
  };

  if (error && !pending) return <ErrorPanel error={error} onRetry={() => void refetch()} />;
  if (!pending) return <LineSkeletons count={6} height={64} />;
  const isEmpty = pending.length === 0;
  const list = (
    <>
      <ul className={classes.list} aria-label="Waiting requests">
        {pending.map((request) => (
          <Row key={request.id} request={request} isSelected={isWide && request.id === selected} isWide={isWide} onChoose={choose} />
        ))}
        {isEmpty && <li className={classes.none}>Nothing else waits.</li>}
      </ul>
      {isWide && (
        <p className={classes.hint}>
          <Key>j</Key> <Key>k</Key> move, <Key>a</Key> approve, <Key>d</Key> decline, <Key>Enter</Key> confirm
        </p>
      )}
    </>
  );
  const detail = selected && (
    <div className={classes.detail}>
      <Detail id={selected} onDecided={decided} />
    </div>
  );
  return (
    <>
      <Announcer pending={pending} />
      {isEmpty && !(isWide && selected) && (
        <div className={classes.panel}>
          <EmptyState icon={CheckCircle} title="Nothing waits for a decision">
            A call that a rule holds appears here by itself.
          </EmptyState>
        </div>
      )}
      {!(isEmpty && !(isWide && selected)) && (
        <Split list={list} detail={isWide && selected && detail} isListFixed />
      )}
    </>
  );
}

function Detail({ id, onDecided }: { id: string; onDecided: (request: Approval) => void }) {
  const { data: pending } = useQuery(pendingApprovals());
  const { data, error, refetch } = useQuery({
    ...approval(id),
    initialData: () => pending?.find((one) => one.id === id),
  });
  if (data) {
    return (
      <>
        <Similar request={data} />
        <ApprovalView request={data} heading="h2" onDecided={onDecided} />
      </>
    );
  }
  if (error) return <ErrorPanel error={error} onRetry={() => void refetch()} />;
  return <LineSkeletons count={5} />;
}

const Row = memo(function Row({
  request,
  isSelected,
  isWide,
  onChoose,
}: {
  request: Approval;
  isSelected: boolean;
  isWide: boolean;
  onChoose: (id: string) => void;
}) {
  const element = useRef<HTMLAnchorElement>(null);
  useEffect(() => {
    if (isSelected) element.current?.scrollIntoView({ block: 'nearest' });
  }, [isSelected]);
  const content = (
    <>
      <span className={classes.line}>
        <span className={classes.tool}>
          <SafeText text={request.tool} />
        </span>
        <Countdown until={request.expires_at} className={classes.countdown} />
      </span>
      <span className={classes.line}>
        <span className={classes.who}>
          <SafeText text={request.agent} /> on <SafeText text={request.server} />
        </span>
      </span>
      <span className={classes.summary}>
        <SafeText text={summaryOf(request.arguments)} />
      </span>
    </>
  );
  const follow = (event: MouseEvent) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    onChoose(request.id);
  };
  // Not the router's Link: a thousand of them would all look at each change of address.
  return (
    <li className={classes.item}>
      <a
        ref={element}
        href={isWide ? `/approvals?id=${request.id}` : `/approval/${request.id}`}
        className={classes.row}
        aria-current={isSelected ? 'true' : undefined}
        data-selected={isSelected || undefined}
        data-request={request.id}
        onClick={follow}
      >
        {content}
      </a>
    </li>
  );
});

/** Tells a screen reader what came in; not what was there already. */
function Announcer({ pending }: { pending: readonly Approval[] }) {
  const known = useRef<Set<string> | undefined>(undefined);
  const [news, setNews] = useState('');
  useEffect(() => {
    const before = known.current;
    known.current = new Set(pending.map(({ id }) => id));
    const fresh = before ? pending.filter(({ id }) => !before.has(id)) : [];
    const last = fresh.at(-1);
    if (last) {
      setNews(
        fresh.length === 1
          ? `New request: ${safeString(last.agent)} wants to call ${safeString(last.tool)}`
          : `${fresh.length} new requests`,
      );
    }
  }, [pending]);
  return (
    <p className="visually-hidden" role="status" aria-live="polite">
      {news}
    </p>
  );
}
