import { memo, useMemo, useState } from 'react';
import { chunks, safeParts } from '#lib/safe_text.ts';
import classes from './safe_text.module.css';

/** How much is shown before one asks for the rest. */
const FIRST = 4_000;
const CHUNK = 4_000;

/**
 * Text that an agent, a tool or a stranger wrote. Never markup; what cannot be seen is shown as an
 * escape; its direction stays inside. `lines` keeps line feeds.
 */
export const SafeText = memo(function SafeText({ text, lines = false }: { text: string; lines?: boolean }) {
  const [isWhole, setWhole] = useState(false);
  const isLong = text.length > FIRST + 500;
  const pieces = useMemo(
    () => (isLong ? chunks(isWhole ? text : text.slice(0, FIRST), CHUNK) : [text]),
    [text, isLong, isWhole],
  );
  return (
    <bdi className={lines ? classes.lines : classes.inline}>
      {pieces.map((piece, place) => (
        // Pieces never move.
        <span key={place} className={isLong ? classes.piece : undefined}>
          {safeParts(piece, lines).map((part, index) =>
            part.escape ? (
              <span key={index} className={classes.escape} title={part.escape}>
                {part.text}
              </span>
            ) : (
              part.text
            ),
          )}
        </span>
      ))}
      {isLong && (
        <button type="button" className={classes.more} onClick={() => setWhole(!isWhole)}>
          {isWhole
            ? 'Show the beginning only'
            : `Show all ${text.length.toLocaleString('en')} characters`}
        </button>
      )}
    </bdi>
  );
});
