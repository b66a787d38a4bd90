// Selects the rows of a long list to render: the visible ones, by their measured or estimated heights.

export type Range = { first: number; end: number; above: number; below: number };
type HeightOf<Row> = (row: Row) => number;

export const ESTIMATE_PX = 27; // a message on one line

/** The last rows that fill `room` pixels. `above` and `below` are the heights in pixels of the rows that are not rendered. */
export function tailRange<Row>(rows: readonly Row[], heightOf: HeightOf<Row>, room: number): Range {
  let first = rows.length;
  let filled = 0;
  while (first > 0 && filled < room) filled += heightOf(rows[--first] as Row);
  return { first, end: rows.length, above: heightOfAll(rows.slice(0, first), heightOf), below: 0 };
}

/** The rows between `top` and `bottom`, in pixels from the beginning of the list. */
export function visibleRange<Row>(rows: readonly Row[], heightOf: HeightOf<Row>, top: number, bottom: number): Range {
  let first = 0;
  let above = 0;
  for (; first < rows.length - 1; first += 1) {
    const height = heightOf(rows[first] as Row);
    if (above + height > top) break;
    above += height;
  }
  let end = first;
  for (let reach = above; end < rows.length && reach < bottom; end += 1) reach += heightOf(rows[end] as Row);
  return { first, end, above, below: heightOfAll(rows.slice(end), heightOf) };
}

export function heightOfAll<Row>(rows: readonly Row[], heightOf: HeightOf<Row>): number {
  return rows.reduce((height, row) => height + heightOf(row), 0);
}
