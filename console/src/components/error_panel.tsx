import { Button } from '@mantine/core';
import { ApiError, isApiError, Refusal } from '#api/problem.ts';
import { Warning } from './icons.tsx';
import classes from './error_panel.module.css';
import { SafeText } from './safe_text.tsx';

/** What went wrong in the server's own words (problem documents), and a way on. */
export function ErrorPanel({ error, onRetry }: { error: unknown; onRetry?: (() => void) | undefined }) {
  const { title, detail, errors } = wordsOf(error);
  return (
    <div className={classes.error} role="alert">
      <Warning size={18} className={classes.icon} />
      <div className={classes.words}>
        <p className={classes.title}>
          <SafeText text={title} lines />
        </p>
        {detail !== '' && (
          <p className={classes.detail}>
            <SafeText text={detail} lines />
          </p>
        )}
        {errors.length > 0 && (
          <ul className={classes.list}>
            {errors.map(({ path, message }) => (
              <li key={path + message}>
                <code>
                  <SafeText text={path} />
                </code>{' '}
                <SafeText text={message} />
              </li>
            ))}
          </ul>
        )}
        {onRetry && (
          <Button variant="default" size="xs" mt="xs" onClick={onRetry}>
            Try again
          </Button>
        )}
      </div>
    </div>
  );
}

export function wordsOf(error: unknown): Pick<ApiError, 'title' | 'detail' | 'errors'> {
  if (isApiError(error)) {
    const { title, detail, errors } = error;
    if (error.status === 0 || detail === '') return { title, detail, errors };
    // The title is the status in words; the detail says it better.
    return { title: sentence(detail), detail: '', errors };
  }
  if (error instanceof Refusal) return { title: error.message, detail: '', errors: [] };
  return {
    title: 'Something went wrong in this page',
    detail: error instanceof Error ? error.message : String(error),
    errors: [],
  };
}

/** "the code is wrong" → "The code is wrong." */
export function sentence(text: string): string {
  const first = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?…]$/.test(first) ? first : `${first}.`;
}
