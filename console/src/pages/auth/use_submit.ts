import { useState } from 'react';
import { isApiError } from '#api/problem.ts';

/** A form that is sent: busy while it is on its way, then gone on, or the error. */
export function useSubmit(send: () => Promise<void>) {
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const submit = async () => {
    setBusy(true);
    setError(undefined);
    try {
      await send();
    } catch (problem) {
      setError(problem);
    } finally {
      setBusy(false);
    }
  };
  /** What the server said about one field. */
  const fieldError = (path: string) =>
    isApiError(error) ? error.errors.find((issue) => issue.path === path)?.message : undefined;
  return { isBusy, error, submit, fieldError };
}
