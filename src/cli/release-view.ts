/**
 * A release as a clinician reads it: one table for each measure, holders side by side, the 95 %
 * interval beside the value, the noise in the heading where it is the same in a whole column.
 * Counts are whole numbers; other values have the places that their noise leaves meaning to. Ends
 * of intervals are rounded outwards; JSON has them as released.
 * @module
 */
import type { Group, ReleaseCell } from '../analysis/release-table.ts';
import { ALL_HOLDERS, type ColumnTypes, groupLabel } from './group-label.ts';
import { decimalPlaces, intervalText, placesFor } from './number-text.ts';
import { type Column, tableLines } from './table.ts';

const HOLDER = 'holder';

/**
 * What is shown in the place of a hidden value. A total beside exactly one hidden part is hidden
 * for that part's sake (analysis/disclosure/suppression.ts) and may itself be large.
 */
const suppressedText = (minimumCell: number, forAPart: boolean): string =>
  forAPart ? 'suppressed' : `< ${minimumCell} suppressed`;

const rowKey = (group: Group): string =>
  JSON.stringify(Object.entries(group).filter(([column]) => column !== HOLDER));

const unique = <T>(values: readonly T[]): T[] => [...new Set(values)];

type Block = {
  readonly title: string;
  readonly pooled: boolean;
  /** By row. */
  readonly cells: ReadonlyMap<string, ReleaseCell>;
  /** The half width of every cell, where they agree. */
  readonly noise: number | null | undefined;
};

/** One block of columns for each holder that has cells, and one for the pooled cells. */
function blocksOf(cells: readonly ReleaseCell[]): Block[] {
  const holders = unique(cells.map(({ group }) => group[HOLDER]));
  return holders.map((holder) => {
    const own = cells.filter(({ group }) => group[HOLDER] === holder);
    const [first, ...others] = unique(own.map(({ noise }) => noise));
    return {
      title: holder ?? ALL_HOLDERS,
      pooled: holder === undefined,
      cells: new Map(own.map((cell) => [rowKey(cell.group), cell])),
      noise: others.length === 0 ? first : undefined,
    };
  });
}

/** Whether exactly one holder's value of a row is hidden. */
const oneHidden = (row: string, blocks: readonly Block[]): boolean =>
  blocks.filter(({ pooled, cells }) => !pooled && cells.get(row)?.suppressed === true).length === 1;

/** Decimal places of a measure: none of a count, which alone has no number of rows beside it. */
function placesOf(cells: readonly ReleaseCell[]): number {
  const measured = cells.filter(({ count }) => count !== undefined);
  const noises = measured.flatMap(({ noise }) => (noise !== null && noise > 0 ? [noise] : []));
  return noises.length === 0 ? 0 : placesFor(Math.min(...noises));
}

function cellTexts(
  row: string,
  block: Block,
  blocks: readonly Block[],
  { minimumCell, places }: { readonly minimumCell: number; readonly places: number },
) {
  const cell = block.cells.get(row);
  if (cell === undefined) return ['', ''];
  if (cell.value === null || cell.interval === null) {
    return ['', suppressedText(minimumCell, block.pooled && oneHidden(row, blocks))];
  }
  const varies = block.noise === undefined || block.noise === null;
  const noise = varies ? `  ±${decimalPlaces(cell.noise ?? 0, places)}` : '';
  return [decimalPlaces(cell.value, places), `${intervalText(cell.interval, places)}${noise}`];
}

/** What was chosen inside a holder has a place and no number of rows: it is neither hidden nor noised. */
const isChosen = ({ suppressed, interval }: ReleaseCell): boolean =>
  !suppressed && interval === null;

/** One line for each group: what was chosen in it, in order. */
function chosenLines(cells: readonly ReleaseCell[], types: ColumnTypes): string[] {
  const columns = Object.keys(cells[0]?.group ?? {});
  const [axes, column = ''] = [columns.slice(0, -1), columns.at(-1)];
  const labels = ({ group }: ReleaseCell, names: readonly string[]): string[] =>
    names.map((name) => groupLabel(name, group[name] ?? null, types));
  const isRanked = cells.some(({ value }) => value !== 1);
  const groups = new Map<string, string[]>();
  for (const cell of cells) {
    const key = JSON.stringify(labels(cell, axes));
    const [label = ''] = labels(cell, [column]);
    const shown = isRanked ? `${cell.value ?? ''}. ${label}` : label;
    groups.set(key, [...(groups.get(key) ?? []), shown]);
  }
  return tableLines(
    [...axes.map((title) => ({ title })), { title: column }],
    [...groups].map(([key, chosen]) => [...(JSON.parse(key) as string[]), chosen.join(', ')]),
  );
}

function measureLines(
  cells: readonly ReleaseCell[],
  types: ColumnTypes,
  minimumCell: number,
): string[] {
  if (cells.every(isChosen)) return chosenLines(cells, types);
  const blocks = blocksOf(cells);
  const places = placesOf(cells);
  const rows = new Map(cells.map(({ group }) => [rowKey(group), group]));
  const axes = Object.keys(cells[0]?.group ?? {}).filter((column) => column !== HOLDER);
  const columns: Column[] = [
    ...axes.map((title) => ({ title })),
    ...blocks.flatMap(({ title, noise }): Column[] => [
      {
        title:
          noise === undefined || noise === null
            ? title
            : `${title} ±${decimalPlaces(noise, places)}`,
        align: 'right',
      },
      { title: '95 % interval' },
    ]),
  ];
  const lines = [...rows].map(([row, group]) => [
    ...axes.map((axis) => groupLabel(axis, group[axis] ?? null, types)),
    ...blocks.flatMap((block) => cellTexts(row, block, blocks, { minimumCell, places })),
  ]);
  return tableLines(columns, lines);
}

export type ViewedStudy = {
  readonly cohort: { readonly columns: ColumnTypes };
  readonly minimumCell: number;
  readonly rounding?: number | undefined;
};

const READING =
  '± is the 95 % half width of the noise; the interval covers the noise and sampling.';

/** How to read the tables of a study; what is hidden is the same rule in every row. */
export const readingLines = ({
  minimumCell,
  rounding,
}: Pick<ViewedStudy, 'minimumCell' | 'rounding'>): string[] => [
  READING,
  ...(rounding === undefined
    ? []
    : [`Counts are rounded to multiples of ${rounding}, and their ± is wider by half of that.`]),
  ...(minimumCell > 0
    ? [
        `Counts below ${minimumCell}, and values of fewer rows, are not shown, nor a total that would give one away.`,
      ]
    : []),
];

/** How to read what one holder chose. */
export const chosenReading = (
  holder: string,
  { minimumCell }: Pick<ViewedStudy, 'minimumCell'>,
  hasCells: boolean,
): string[] => [
  `Chosen at random inside ${holder} from its exact numbers, which are not released.`,
  ...(hasCells && minimumCell > 0
    ? [
        `A value of "keys" has at least ${minimumCell} people; a label of "top" is not held to that.`,
      ]
    : []),
];

/** A measure with its unit: `hba1c (%)`. */
const titleOf = ({ measure, unit }: ReleaseCell): string =>
  unit === '1' ? measure : `${measure} (${unit})`;

/** The cells of a release; a measure's name stands above its table where there are several. */
export function releaseLines(cells: readonly ReleaseCell[], study: ViewedStudy): string[] {
  const measures = unique(cells.map(({ measure }) => measure));
  return measures.flatMap((measure, i) => {
    const own = cells.filter((cell) => cell.measure === measure);
    const titles = own.slice(0, 1).map(titleOf);
    const named = measures.length > 1 || titles[0] !== measure;
    return [
      ...(i > 0 ? [''] : []),
      ...(named ? titles : []),
      ...measureLines(own, study.cohort.columns, study.minimumCell),
    ];
  });
}
