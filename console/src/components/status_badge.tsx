import { CheckCircle, Clock, ClockOff, Play, Question, ShieldLock, Slash, Warning, XOctagon, type Icon } from './icons.tsx';
import classes from './status_badge.module.css';

export type Tone = 'green' | 'blue' | 'red' | 'amber' | 'violet' | 'grey';

interface Look {
  label: string;
  tone: Tone;
  icon: Icon;
}

/** The one vocabulary for status (docs/design/console.md). Words come from the wire, left. */
export const STATUS = {
  allow: { label: 'Allowed', tone: 'green', icon: CheckCircle },
  require_approval: { label: 'Needs approval', tone: 'blue', icon: ShieldLock },
  deny: { label: 'Denied', tone: 'red', icon: XOctagon },
  observe: { label: 'Observed', tone: 'grey', icon: Question },

  pending: { label: 'Waiting', tone: 'amber', icon: Clock },
  approved: { label: 'Approved', tone: 'green', icon: CheckCircle },
  declined: { label: 'Declined', tone: 'red', icon: XOctagon },
  expired: { label: 'Expired', tone: 'grey', icon: ClockOff },
  cancelled: { label: 'Cancelled', tone: 'grey', icon: Slash },
  superseded: { label: 'Overtaken', tone: 'grey', icon: Slash },
  executing: { label: 'Running', tone: 'blue', icon: Play },
  succeeded: { label: 'Done', tone: 'green', icon: CheckCircle },
  failed: { label: 'Failed', tone: 'red', icon: Warning },
  unknown: { label: 'Outcome unknown', tone: 'violet', icon: Question },

  ready: { label: 'Ready', tone: 'green', icon: CheckCircle },
  connecting: { label: 'Connecting', tone: 'amber', icon: Clock },
  active: { label: 'Active', tone: 'green', icon: CheckCircle },
  suspended: { label: 'Suspended', tone: 'grey', icon: Slash },
} as const satisfies Record<string, Look>;

export type Status = keyof typeof STATUS;

export function StatusBadge({ status, label }: { status: Status; label?: string }) {
  const look = STATUS[status];
  const Drawing = look.icon;
  return (
    <span className={classes.badge} data-tone={look.tone}>
      <Drawing size={14} />
      {label ?? look.label}
    </span>
  );
}
