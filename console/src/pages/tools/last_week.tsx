import { Button } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { replayDraft, type Tool, type ToolRules } from '#api/tool_queries.ts';
import { ErrorPanel } from '#components/error_panel.tsx';
import { SafeText } from '#components/safe_text.tsx';
import { StatusBadge } from '#components/status_badge.tsx';
import classes from './last_week.module.css';

const DAYS = 7;

/** What a draft would have decided otherwise over the recorded calls of a week. */
export function LastWeek({ tool, draft }: { tool: Tool; draft: ToolRules }) {
  const stop = useRef<AbortController>(null);
  const replay = useMutation({
    mutationFn: async (asked: ToolRules) => {
      stop.current = new AbortController();
      return { asked, report: await replayDraft(tool.id, asked, DAYS, stop.current.signal) };
    },
  });
  useEffect(() => () => stop.current?.abort(), []);
  const isOld = replay.data !== undefined && JSON.stringify(replay.data.asked) !== JSON.stringify(draft);
  const report = isOld ? undefined : replay.data?.report;
  return (
    <div className={classes.week}>
      <div>
        <Button variant="default" size="xs" loading={replay.isPending} onClick={() => replay.mutate(draft)}>
          What would this have done last week?
        </Button>
      </div>
      <div role="status" aria-live="polite" className={classes.answer}>
        {replay.error && <ErrorPanel error={replay.error} />}
        {report && (
          <>
            <p className={classes.words} data-changed={report.changed}>
              {report.calls === 0
                ? 'No call was recorded in the last week.'
                : report.changed === 0
                  ? `Of ${count(report.calls, 'recorded call')} none would have ended otherwise.`
                  : `Of ${count(report.calls, 'recorded call')}, ${count(report.changed, 'call')} would have ended otherwise.`}
              {report.skipped > 0 && ` ${count(report.skipped, 'call')} could not be looked at: ${report.skipped === 1 ? 'its' : 'their'} arguments are masked, erased or too large.`}
            </p>
            {report.items.length > 0 && (
              <ul className={classes.groups}>
                {report.items.map((group) => (
                  <li key={`${group.server} ${group.tool} ${group.before} ${group.after} ${group.why}`} className={classes.group}>
                    <div className={classes.line}>
                      <b className="numbers">{group.calls.toLocaleString('en')}×</b>
                      <StatusBadge status={group.before} /> <span aria-hidden="true">→</span>
                      <span className="visually-hidden">becomes</span> <StatusBadge status={group.after} />
                      <span className={classes.quiet}>by {count(group.agents, 'agent')}</span>
                    </div>
                    <code className={classes.example}>
                      <SafeText text={group.example} />
                    </code>
                  </li>
                ))}
              </ul>
            )}
          </>
        )}
      </div>
    </div>
  );
}

function count(number: number, what: string): string {
  return `${number.toLocaleString('en')} ${what}${number === 1 ? '' : 's'}`;
}
