// Which lines of a long list are drawn: those that fit, from heights that are measured or guessed.

export const GUESS_PX = 27; // a message of one row

/** The last lines that fill `room`, and the height of those above them. */
export function tail(lines, heightOf, room) {
  let first = lines.length;
  let filled = 0;
  while (first > 0 && filled < room) filled += heightOf(lines[--first]);
  return { first, end: lines.length, above: sum(lines, heightOf, 0, first), below: 0 };
}

/** The lines between `top` and `bottom`, measured from the list's beginning. */
export function span(lines, heightOf, top, bottom) {
  let above = 0;
  let first = 0;
  while (first < lines.length - 1) {
    const height = heightOf(lines[first]);
    if (above + height > top) break;
    above += height;
    first += 1;
  }
  let end = first;
  for (let reach = above; end < lines.length && reach < bottom; end += 1) reach += heightOf(lines[end]);
  return { first, end, above, below: sum(lines, heightOf, end, lines.length) };
}

export function offsetOf(lines, heightOf, index) {
  return sum(lines, heightOf, 0, index);
}

function sum(lines, heightOf, from, to) {
  let height = 0;
  for (let index = from; index < to; index += 1) height += heightOf(lines[index]);
  return height;
}
