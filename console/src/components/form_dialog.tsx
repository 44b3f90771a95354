import { Button, Modal } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import { isApiError } from '#api/problem.ts';
import { DialogActions } from './dialog_actions.tsx';
import { ErrorPanel } from './error_panel.tsx';
import classes from './form_dialog.module.css';
import { withPassword } from './reauthenticate.tsx';

/** A form over the page. Stays with what was written when the server refuses; closes when it is done. */
export function FormDialog({
  title,
  action,
  about,
  children,
  onSubmit,
  onClose,
  size = 'md',
}: {
  title: string;
  /** The button, which says the deed. */
  action: string;
  about?: ReactNode;
  children: ReactNode | ((fieldError: (path: string) => string | undefined) => ReactNode);
  onSubmit: () => Promise<unknown>;
  onClose: () => void;
  size?: string;
}) {
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const submit = async () => {
    setBusy(true);
    setError(undefined);
    try {
      await withPassword(onSubmit);
      onClose();
    } catch (problem) {
      setError(problem);
      setBusy(false);
    }
  };
  const fieldError = (path: string) =>
    isApiError(error) ? error.errors.find((issue) => issue.path.replace(/^\//, '') === path)?.message : undefined;
  return (
    <Modal opened title={title} onClose={onClose} size={size} closeOnClickOutside={false}>
      <form
        className={classes.form}
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        {about !== undefined && <p className={classes.about}>{about}</p>}
        {typeof children === 'function' ? children(fieldError) : children}
        {error !== undefined && <ErrorPanel error={error} />}
        <DialogActions>
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={isBusy}>
            {action}
          </Button>
        </DialogActions>
      </form>
    </Modal>
  );
}
