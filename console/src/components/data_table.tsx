import type { ReactNode } from 'react';
import classes from './data_table.module.css';

export interface Column<Row> {
  /** The heading; on a phone the label in front of the value. */
  title: string;
  cell: (row: Row) => ReactNode;
  /** The one that says what the row is: on a phone the card's title, without a label. */
  isMain?: boolean;
  align?: 'right';
  /** Left out on a phone. */
  isMinor?: boolean;
  /** Buttons of the row: the title is for screen readers only. */
  isAction?: boolean;
}

/** Rows and columns; where there is no room each row is a card. `label` names it for screen readers. */
export function DataTable<Row>({
  label,
  columns,
  rows,
  rowKey,
  card,
}: {
  label: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  rowKey: (row: Row) => string;
  /** How a row looks where there is no room, when label and value for each column say too little. */
  card?: (row: Row) => ReactNode;
}) {
  return (
    <div className={classes.place}>
      <table className={classes.table} aria-label={label} data-cards={card !== undefined || undefined}>
        <thead>
          <tr>
            {columns.map(({ title, align, isAction }) => (
              <th key={title} scope="col" data-align={align}>
                {isAction ? <span className="visually-hidden">{title}</span> : title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={rowKey(row)}>
              {columns.map(({ title, cell, isMain, align, isMinor, isAction }) => (
                <td key={title} data-title={title} data-align={align} data-main={isMain} data-minor={isMinor} data-action={isAction}>
                  {cell(row)}
                </td>
              ))}
              {card && <td className={classes.card}>{card(row)}</td>}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
