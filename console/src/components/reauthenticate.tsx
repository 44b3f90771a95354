import { Button, Modal, PasswordInput } from '@mantine/core';
import { useState, useSyncExternalStore } from 'react';
import { api } from '#api/client.ts';
import { ApiError, isApiError } from '#api/problem.ts';
import { DialogActions } from './dialog_actions.tsx';
import { ErrorPanel } from './error_panel.tsx';
import classes from './form_dialog.module.css';

/** One question at a time; whoever asks meanwhile waits for the same answer. */
interface Question {
  promise: Promise<boolean>;
  answer: (isGiven: boolean) => void;
}

let question: Question | undefined;
const watchers = new Set<() => void>();

function ask(): Promise<boolean> {
  if (!question) {
    let answer: (isGiven: boolean) => void = () => {};
    const promise = new Promise<boolean>((resolve) => (answer = resolve));
    question = { promise, answer };
    for (const tell of watchers) tell();
  }
  return question.promise;
}

function settle(isGiven: boolean): void {
  question?.answer(isGiven);
  question = undefined;
  for (const tell of watchers) tell();
}

/**
 * Does what may need a recent password: when the server says so, the person is asked for it, and it
 * is done once more. Without the password the server's refusal stays.
 */
export async function withPassword<T>(send: () => Promise<T>): Promise<T> {
  try {
    return await send();
  } catch (error) {
    const isStepUp = isApiError(error, 403) && error.errors.some(({ message }) => message === 'step_up');
    if (!isStepUp || !(await ask())) throw error;
    return await send();
  }
}

/** Once, in the shell. */
export function ReauthenticateDialog() {
  const isOpen = useSyncExternalStore(
    (tell) => {
      watchers.add(tell);
      return () => watchers.delete(tell);
    },
    () => question !== undefined,
  );
  return isOpen ? <AskPassword /> : null;
}

function AskPassword() {
  const [password, setPassword] = useState('');
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const send = async () => {
    setBusy(true);
    setError(undefined);
    try {
      await api.POST('/auth/reauthenticate', { body: { password } });
      settle(true);
    } catch (problem) {
      setError(isApiError(problem, 401) ? new ApiError({ type: 'about:blank', title: 'The password is wrong.', status: 401 }) : problem);
      setBusy(false);
    }
  };
  return (
    <Modal opened title="Your password, please" onClose={() => settle(false)} closeOnEscape={false} closeOnClickOutside={false} zIndex={300}>
      <form
        className={classes.form}
        // Escape closes this dialog alone, not the one below it.
        data-mantine-stop-propagation="true"
        onKeyDown={(event) => {
          if (event.key === 'Escape') settle(false);
        }}
        onSubmit={(event) => {
          event.preventDefault();
          void send();
        }}
      >
        <p className={classes.about}>This asks for a password entered within the last five minutes.</p>
        <PasswordInput
          label="Password"
          name="password"
          autoComplete="current-password"
          required
          withAsterisk={false}
          data-autofocus
          data-mantine-stop-propagation="true"
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
        />
        {error !== undefined && <ErrorPanel error={error} />}
        <DialogActions>
          <Button variant="default" onClick={() => settle(false)}>
            Cancel
          </Button>
          <Button type="submit" loading={isBusy}>
            Continue
          </Button>
        </DialogActions>
      </form>
    </Modal>
  );
}
