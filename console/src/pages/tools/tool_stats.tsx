import { Bolt, CheckCircle, Question, ShieldLock, Warning, XOctagon, type Icon } from '#components/icons.tsx';
import type { Tone } from '#components/status_badge.tsx';
import { contextCost, isShown, shortCount, type Outlook, type OutlookTool, type Show } from '#lib/tool_outlook.ts';
import classes from './tool_stats.module.css';

interface Figure {
  show: Show;
  label: string;
  about: string;
  tone: Tone;
  icon?: Icon;
  /** Left out while there is none. */
  isRare?: boolean;
}

const FIGURES: readonly Figure[] = [
  { show: 'available', label: 'Available', about: 'Agents find them in their list', tone: 'grey', icon: Bolt },
  { show: 'allow', label: 'Allowed', about: 'Every call runs', tone: 'green', icon: CheckCircle },
  { show: 'require_approval', label: 'Need approval', about: 'Every call waits for a person', tone: 'blue', icon: ShieldLock },
  { show: 'depends', label: 'By condition', about: 'It depends on the call', tone: 'grey', icon: Question },
  { show: 'deny', label: 'Denied', about: 'No call is let through', tone: 'red', icon: XOctagon },
  { show: 'quarantined', label: 'Quarantined', about: 'New or changed, and not accepted yet', tone: 'amber', icon: Warning },
  { show: 'changed', label: 'Changed', about: 'Not what was accepted', tone: 'amber', icon: Warning },
  { show: 'schema', label: 'No schema', about: 'Their input schema cannot be used', tone: 'violet', icon: Question, isRare: true },
];

/** How many tools are what; pressing a figure shows those, pressing it again all. */
export function ToolStats({
  tools,
  outlooks,
  show,
  onShow,
}: {
  tools: readonly OutlookTool[];
  outlooks: ReadonlyMap<string, Outlook>;
  show: Show;
  onShow: (show: Show) => void;
}) {
  const count = (one: Show) => tools.filter((tool) => isShown(tool, outlooks.get(tool.id), one)).length;
  const cost = contextCost(tools, outlooks);
  const press = (one: Show) => onShow(show === one ? 'all' : one);
  return (
    <div className={classes.strip} role="group" aria-label="Statistics: press one to see only those">
      {FIGURES.filter(({ isRare, show: one }) => !isRare || show === one || count(one) > 0).map(({ show: one, label, about, tone, icon: Drawing }) => (
        <button key={one} type="button" className={classes.figure} aria-pressed={show === one} title={about} data-figure={one} data-none={count(one) === 0 || undefined} onClick={() => press(one)}>
          <span className={classes.count}>{count(one).toLocaleString('en')}</span>
          <span className={classes.label} data-tone={tone}>
            {Drawing && <Drawing size={13} />} {label}
          </span>
        </button>
      ))}
      <button type="button" className={classes.figure} aria-pressed={show === 'cost'} title="What their definitions cost an agent in every request: about four bytes a token. Pressing it puts the dearest first." data-figure="cost" onClick={() => press('cost')}>
        <span className={classes.count}>~{shortCount(cost)}</span>
        <span className={classes.label} data-tone="grey">
          tokens a request
        </span>
      </button>
    </div>
  );
}
