/** Survival curves drawn with characters: steps that fall from 1 to 0 over the times of a grid. @module */

export type PlottedCurve = {
  readonly label: string;
  /** Ends of the intervals, increasing, and the survival there. */
  readonly points: readonly { readonly time: number; readonly survival: number }[];
};

export type PlotSize = { readonly columns: number; readonly rows: number };

const SIZE: PlotSize = { columns: 60, rows: 11 };
/** One for each curve, told apart without colour; the last one is where several meet. */
const MARKS = ['●', '○', '▲', '△', '■', '□', '◆', '◇'];
const MEETING = '┼';
const AXIS_WIDTH = 5;

/** Survival just at `time`: 1 before the first point. */
function survivalAt({ points }: PlottedCurve, time: number): number {
  let level = 1;
  for (const point of points) {
    if (point.time > time) break;
    level = point.survival;
  }
  return level;
}

const markOf = (index: number): string => MARKS[index % MARKS.length] ?? '●';

/** The row of a level: 0 is 1.0 and the last one is 0.0. */
const rowOf = (survival: number, rows: number): number =>
  Math.round((1 - Math.min(1, Math.max(0, survival))) * (rows - 1));

function grid(curves: readonly PlottedCurve[], first: number, last: number, size: PlotSize) {
  const cells = Array.from({ length: size.rows }, () => Array<string>(size.columns).fill(' '));
  curves.forEach((curve, index) => {
    let above: number | undefined;
    for (let column = 0; column < size.columns; column++) {
      const time = first + ((last - first) * column) / (size.columns - 1);
      const at = rowOf(survivalAt(curve, time), size.rows);
      // A step is drawn down to its level, so that a curve is one line.
      for (let row = above ?? at; row <= at; row++) {
        const line = cells[row];
        if (line === undefined || (row === above && row !== at)) continue;
        line[column] = line[column] === ' ' ? markOf(index) : MEETING;
      }
      above = at;
    }
  });
  return cells;
}

const LEVELS = new Map([
  [0, '1.0'],
  [0.5, '0.5'],
  [1, '0.0'],
]);

/** Lines of the drawing: levels on the left, times below, a legend at the end. */
export function survivalPlot(
  curves: readonly PlottedCurve[],
  start: number,
  unit: string,
  size: PlotSize = SIZE,
): string[] {
  const last = Math.max(...curves.map(({ points }) => points.at(-1)?.time ?? start));
  const lines = grid(curves, start, last, size).map((cells, row) => {
    const level = LEVELS.get(row / (size.rows - 1)) ?? '';
    return `${level.padStart(AXIS_WIDTH - 1)} │${cells.join('')}`.trimEnd();
  });
  const [from, to] = [String(start), `${last} ${unit}`.trim()];
  const gap = Math.max(1, size.columns + 1 - from.length - to.length);
  const indent = ' '.repeat(AXIS_WIDTH);
  return [
    ...lines,
    `${indent}└${'─'.repeat(size.columns)}`,
    `${indent}${from}${' '.repeat(gap)}${to}`,
    ...(curves.length > 1
      ? [
          `${indent}${curves.map(({ label }, i) => `${markOf(i)} ${label}`).join('   ')}   ${MEETING} both`,
        ]
      : []),
  ];
}
