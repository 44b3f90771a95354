import { Button, Group, Modal } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import { ErrorPanel } from './error_panel.tsx';

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
      <div>{children}</div>
      {error !== undefined && <ErrorPanel error={error} />}
      <Group justify="flex-end" mt="md" gap="xs">
        <Button variant="default" onClick={onClose} data-autofocus>
          Cancel
        </Button>
        <Button {...(isDangerous ? { color: 'red.8' } : {})} loading={isBusy} onClick={() => void confirm()}>
          {action}
        </Button>
      </Group>
    </Modal>
  );
}
