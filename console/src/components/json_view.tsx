import { memo, useMemo, useState } from 'react';
import { jsonRows, jsonText, type JsonRow } from '#lib/json_rows.ts';
import { CopyIcon } from './code_block.tsx';
import { ChevronRight } from './icons.tsx';
import classes from './json_view.module.css';
import { SafeText } from './safe_text.tsx';

/** Rows drawn at a time. */
const STEP = 500;
const INDENT = 16;
/** Deeper lines are not moved further to the right. */
const DEEPEST = 10;

/** Open from the start: the first levels, unless they are long. */
function opensByItself(depth: number, size: number): boolean {
  return depth < 4 && size <= 100;
}

/**
 * A JSON value, complete and safe whatever is in it: closed parts say how much they hold, long text
 * and long lists are shown in steps, nesting is only a number.
 */
export const JsonView = memo(function JsonView({ value, label }: { value: unknown; label: string }) {
  const [turned, setTurned] = useState<ReadonlyMap<string, boolean>>(new Map());
  const [areAllOpen, setAllOpen] = useState(false);
  const [shown, setShown] = useState(STEP);
  const rows = useMemo(
    () => jsonRows(value, (path, depth, size) => turned.get(path) ?? (depth === 0 || areAllOpen || opensByItself(depth, size))),
    [value, turned, areAllOpen],
  );
  // The outermost braces of an object say nothing; without them its fields stand at the edge.
  const hasBraces = rows[0]?.kind !== 'object' || rows[0].size === 0;
  const lines = hasBraces ? rows : rows.slice(1, -1);
  const hasClosed = rows.some((row) => row.isOpen === false && (row.size ?? 0) > 0);
  const turn = (row: JsonRow) => setTurned(new Map(turned).set(row.path, !row.isOpen));

  return (
    <div className={classes.view}>
      <div className={classes.tools}>
        {hasClosed && (
          <button
            type="button"
            className={classes.tool}
            onClick={() => {
              setTurned(new Map());
              setAllOpen(true);
            }}
          >
            Open all
          </button>
        )}
        <CopyIcon value={jsonText(value)} label={`Copy ${label}`} />
      </div>
      <div className={classes.rows} role="group" aria-label={label} tabIndex={0}>
        {lines.slice(0, shown).map((row) => (
          <Row key={row.path} row={row} indent={row.depth - (hasBraces ? 0 : 1)} onTurn={turn} />
        ))}
      </div>
      {lines.length > shown && (
        <div className={classes.more}>
          {(lines.length - shown).toLocaleString('en')} more lines.{' '}
          <button type="button" className={classes.tool} onClick={() => setShown(shown + STEP)}>
            Show {Math.min(STEP, lines.length - shown)} more
          </button>
        </div>
      )}
    </div>
  );
});

function Row({ row, indent, onTurn }: { row: JsonRow; indent: number; onTurn: (row: JsonRow) => void }) {
  const style = { paddingLeft: Math.min(indent, DEEPEST) * INDENT };
  const holds = row.kind === 'object' || row.kind === 'array';
  const name = (
    <>
      {row.name !== undefined && (
        <>
          <span className={classes.name}>
            <SafeText text={row.name} />
          </span>
          <span className={classes.mark}>: </span>
        </>
      )}
      {row.depth > DEEPEST && <span className={classes.depth}>level {row.depth} </span>}
    </>
  );
  if (!holds) {
    return (
      <div className={classes.row} style={style}>
        {name}
        <span className={classes[row.kind]}>
          {row.kind === 'string' ? (
            <>
              <span className={classes.quote}>"</span>
              <SafeText text={row.text ?? ''} lines />
              <span className={classes.quote}>"</span>
            </>
          ) : (
            row.text
          )}
        </span>
      </div>
    );
  }
  const [open, close, unit] = row.kind === 'array' ? ['[', ']', 'item'] : ['{', '}', 'field'];
  const size = row.size ?? 0;
  if (size === 0) {
    return (
      <div className={classes.row} style={style}>
        {name}
        <span className={classes.mark}>
          {open}
          {close}
        </span>
      </div>
    );
  }
  return (
    <div className={classes.row} style={style}>
      <button
        type="button"
        className={classes.turn}
        aria-expanded={row.isOpen === true}
        onClick={() => onTurn(row)}
      >
        <ChevronRight size={12} className={classes.chevron} />
        {name}
        <span className={classes.mark}>{row.isOpen ? open : `${open} … ${close}`}</span>
        {!row.isOpen && (
          <span className={classes.depth}>
            {size.toLocaleString('en')} {unit}
            {size === 1 ? '' : 's'}
          </span>
        )}
      </button>
    </div>
  );
}
