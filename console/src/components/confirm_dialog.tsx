import { Button, Modal } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import { DialogActions } from './dialog_actions.tsx';
import { ErrorPanel } from './error_panel.tsx';
import classes from './form_dialog.module.css';

/** Asks before what cannot be undone. The button says the deed: "Revoke key", never "OK". */
export function ConfirmDialog({
  title,
  action,
  isDangerous = true,
  children,
  onConfirm,
  onClose,
}: {
  title: string;
  action: string;
  isDangerous?: boolean;
  children: ReactNode;
  onConfirm: () => Promise<unknown>;
  onClose: () => void;
}) {
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const confirm = async () => {
    setBusy(true);
    setError(undefined);
    try {
      await onConfirm();
      onClose();
    } catch (problem) {
      setError(problem);
      setBusy(false);
    }
  };
  return (
    <Modal opened title={title} onClose={onClose}>
      <div className={classes.form}>
        <div>{children}</div>
        {error !== undefined && <ErrorPanel error={error} />}
        <DialogActions>
          <Button variant="default" onClick={onClose} data-autofocus>
            Cancel
          </Button>
          <Button {...(isDangerous ? { color: 'red.8' } : {})} loading={isBusy} onClick={() => void confirm()}>
            {action}
          </Button>
        </DialogActions>
      </div>
    </Modal>
  );
}
