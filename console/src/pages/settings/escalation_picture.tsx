import { SafeText } from '#components/safe_text.tsx';
import { duration } from '#lib/time.ts';
import classes from './escalation_picture.module.css';

interface Level {
  after: number;
  approvers: readonly string[];
  timeout: number;
}

/** Who is asked when, as a bar for each level over the time until the request ends. */
export function EscalationPicture({
  timeout,
  approvers,
  levels,
}: {
  timeout: number;
  approvers: readonly string[];
  levels: readonly Level[];
}) {
  const end = Math.max(timeout, ...levels.map(({ after, timeout: theirs }) => after + theirs));
  if (!Number.isFinite(end) || end <= 0) return null;
  const rows = [{ after: 0, approvers, timeout }, ...levels];
  return (
    <ol className={classes.picture} aria-label="Who is asked when">
      {rows.map(({ after, approvers: asked, timeout: theirs }, level) => (
        <li key={level} className={classes.row}>
          <span className={classes.words}>
            {after === 0 ? 'At once' : `After ${duration(after)}`}:{' '}
            <SafeText text={asked.length === 0 ? 'approvers and above' : asked.join(', ')} />
          </span>
          <span className={classes.track} aria-hidden="true">
            <span
              className={classes.bar}
              style={{ marginLeft: `${(100 * after) / end}%`, width: `${(100 * Math.min(theirs, end - after)) / end}%` }}
            />
          </span>
        </li>
      ))}
      <li className={classes.words}>After {duration(end)} it ends, and nothing runs.</li>
    </ol>
  );
}
