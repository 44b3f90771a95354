import type { ReactNode } from 'react';
import type { Schemas } from '#api/client.ts';
import { isApiError, type ApiError } from '#api/problem.ts';
import { ErrorPanel } from './error_panel.tsx';
import { CheckCircle, Warning, XOctagon } from './icons.tsx';
import classes from './policy_change.module.css';
import { SafeText } from './safe_text.tsx';

/** Each problem with its place; pressing one goes there. */
export function Problems({ error, onGo }: { error: unknown; onGo: (line: number, column: number) => void }) {
  const placed = placesOf(error);
  if (placed.length === 0) return <ErrorPanel error={error} />;
  return (
    <div role="alert">
      <p className={classes.verdict} data-tone="red">
        <XOctagon /> {placed.length === 1 ? 'One thing is wrong. Nothing was changed.' : `${placed.length} things are wrong. Nothing was changed.`}
      </p>
      <ul className={classes.problems}>
        {placed.map(({ line, column, message }) => (
          <li key={`${line}:${column}:${message}`}>
            <button type="button" className={classes.problem} onClick={() => onGo(line, column)}>
              <span className={classes.at}>
                Line {line}, column {column}
              </span>
              <SafeText text={message} />
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}

/** The places of the problems in a refused document, for marks in it. */
export function placesOf(error: unknown): { line: number; column: number; message: string }[] {
  return isApiError(error, 400) ? error.errors.flatMap(withPlace) : [];
}

function withPlace({ path, message }: ApiError['errors'][number]): { line: number; column: number; message: string }[] {
  const found = /(\d+)\D+(\d+)/.exec(path);
  return found ? [{ line: Number(found[1]), column: Number(found[2]), message }] : [];
}

/** What applying would do, line by line. */
export function Difference({ proposal, children }: { proposal: Schemas['PolicyProposal']; children: ReactNode }) {
  const { changes, warnings } = proposal;
  return (
    <>
      {changes.length === 0 ? (
        <p className={classes.verdict} data-tone="green">
          <CheckCircle /> It is in force already: applying it changes nothing.
        </p>
      ) : (
        <>
          <h3 className={classes.diffTitle}>
            {changes.length === 1 ? 'One change' : `${changes.length} changes`} to version {proposal.base_version}
          </h3>
          <ul className={classes.diff} aria-label="Changes">
            {changes.map((change) => (
              <li key={`${change.section} ${change.name} ${change.kind} ${change.before}`} className={classes.change}>
                <span className={classes.where}>
                  {change.kind} in <SafeText text={change.section} />
                  {change.name !== '' && (
                    <>
                      : <SafeText text={change.name} />
                    </>
                  )}
                </span>
                {change.kind !== 'added' && change.before !== '' && (
                  <del className={classes.minus}>
                    <span aria-hidden="true">- </span>
                    <SafeText text={change.before} lines />
                  </del>
                )}
                {change.kind !== 'removed' && change.after !== '' && (
                  <ins className={classes.plus}>
                    <span aria-hidden="true">+ </span>
                    <SafeText text={change.after} lines />
                  </ins>
                )}
              </li>
            ))}
          </ul>
        </>
      )}
      {warnings.length > 0 && (
        <div className={classes.warnings}>
          <Warning />
          <ul className={classes.plain}>
            {warnings.map(({ path, message }) => (
              <li key={path + message}>
                <SafeText text={message} /> {path !== '' && <span className={classes.quiet}>({path})</span>}
              </li>
            ))}
          </ul>
        </div>
      )}
      {changes.length > 0 && children}
    </>
  );
}
