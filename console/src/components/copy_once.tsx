import { Button, CopyButton, Modal } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import { Check, Copy } from './icons.tsx';
import classes from './copy_once.module.css';

/**
 * A secret or a link that is shown this once. It does not close by a click beside it, and asks
 * before it goes when it was not copied.
 */
export function CopyOnce({
  title,
  secret,
  children,
  onClose,
}: {
  title: string;
  secret: string;
  children?: ReactNode;
  onClose: () => void;
}) {
  const [wasCopied, setCopied] = useState(false);
  const [isSure, setSure] = useState(false);
  return (
    <Modal opened title={title} onClose={() => (wasCopied || isSure ? onClose() : setSure(true))} closeOnClickOutside={false}>
      <p className={classes.about}>It is shown this once. Copy it now and keep it where secrets belong.</p>
      <output className={classes.secret}>{secret}</output>
      <CopyButton value={secret}>
        {({ copied, copy }) => (
          <Button
            fullWidth
            leftSection={copied ? <Check /> : <Copy />}
            onClick={() => {
              copy();
              setCopied(true);
            }}
          >
            {copied ? 'Copied' : 'Copy'}
          </Button>
        )}
      </CopyButton>
      {children !== undefined && <div className={classes.more}>{children}</div>}
      {isSure && !wasCopied && (
        <p className={classes.warning} role="alert">
          You have not copied it. Close again to leave it behind for good.
        </p>
      )}
    </Modal>
  );
}
