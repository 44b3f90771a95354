import { SafeText } from '#components/safe_text.tsx';
import { definitionDiff, type Difference } from '#lib/definition_diff.ts';
import classes from './tool_detail.module.css';

type Definition = Record<string, unknown>;

/** What a tool was when it was accepted, and what it is now, place by place. */
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
  const parts = before && after ? definitionDiff(before, after) : [];
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
      {parts.map((part) => (
        <section key={part.path} className={classes.diff} aria-label={`Change of ${part.path}`}>
          <p className={classes.diffName}>
            <SafeText text={part.path} />
          </p>
          {part.was !== undefined && <Side part={part} side="was" text={part.was} />}
          {part.is !== undefined && <Side part={part} side="is" text={part.is} />}
        </section>
      ))}
    </div>
  );
}

/** One side of a difference; of two texts with the words marked that only it has. */
function Side({ part: { words }, side, text }: { part: Difference; side: 'was' | 'is'; text: string }) {
  return (
    <div className={classes[side]}>
      <span className={classes.sign}>{side === 'was' ? 'was' : 'now'}</span>
      <span>
        {words
          ? words.map((word, place) =>
              word.side === 'both' ? (
                // Words never move.
                <SafeText key={place} text={word.text} lines />
              ) : (
                word.side === side && (
                  <mark key={place} className={classes.word}>
                    <SafeText text={word.text} lines />
                  </mark>
                )
              ),
            )
          : <SafeText text={text} lines />}
      </span>
    </div>
  );
}
