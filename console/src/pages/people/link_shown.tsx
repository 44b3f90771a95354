import { CopyOnce } from '#components/copy_once.tsx';
import { RelativeTime } from '#components/times.tsx';
import classes from './people.module.css';

export interface MadeLink {
  email: string;
  url: string;
  expires_at: string;
  purpose: 'setup' | 'reset';
}

/** A one-time link: whoever has it becomes that person. */
export function LinkShown({ link, onClose }: { link: MadeLink; onClose: () => void }) {
  return (
    <CopyOnce
      title={link.purpose === 'setup' ? `An invitation for ${link.email}` : `A reset link for ${link.email}`}
      secret={link.url}
      onClose={onClose}
    >
      <p className={classes.quiet}>
        Send it to {link.email} in a way that nobody else reads: it works once, ends <RelativeTime at={link.expires_at} />,
        and lets whoever opens it {link.purpose === 'setup' ? 'join as that person' : 'choose the new password'}.
      </p>
    </CopyOnce>
  );
}
