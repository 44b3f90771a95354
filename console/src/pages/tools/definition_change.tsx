import { SafeText } from '#components/safe_text.tsx';
import classes from './tool_detail.module.css';

type Definition = Record<string, unknown>;

/** What a tool was when it was accepted, and what it is now, part by part. */
export function DefinitionChange({
  before,
  after,
  lines,
}: {
  before: Definition | undefined;
  after: Definition | undefined;
  /** What the server says of it, when the definitions are not at hand. */
  lines: readonly string[];
}) {
  const parts = before && after ? changed(before, after) : [];
  if (parts.length === 0) {
    return (
      <ul className={classes.changes}>
        {lines.map((line) => (
          <li key={line}>
            <SafeText text={line} lines />
          </li>
        ))}
      </ul>
    );
  }
  return (
    <div className={classes.diffs}>
      {parts.map(({ name, was, is }) => (
        <section key={name} className={classes.diff} aria-label={`Change of ${name}`}>
          <p className={classes.diffName}>
            <SafeText text={name} />
          </p>
          {was !== undefined && (
            <div className={classes.was}>
              <span className={classes.sign}>was</span>
              <SafeText text={was} lines />
            </div>
          )}
          {is !== undefined && (
            <div className={classes.is}>
              <span className={classes.sign}>now</span>
              <SafeText text={is} lines />
            </div>
          )}
        </section>
      ))}
    </div>
  );
}

function changed(before: Definition, after: Definition) {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return names
    .filter((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]))
    .map((name) => ({ name, was: text(before[name]), is: text(after[name]) }));
}

function text(value: unknown): string | undefined {
  if (value === undefined) return undefined;
  return typeof value === 'string' ? value : JSON.stringify(value, null, 2);
}
