/**
 * A release as a clinician reads it: one table for each measure, holders side by side, the 95 %
 * interval beside the value, the noise in the heading where it is the same in a whole column.
 * Ends of intervals are rounded outwards to whole numbers; JSON has them as released.
 * @module
 */
import type { Group, ReleaseCell } from '../analysis/release-table.ts';
import { ALL_HOLDERS, type ColumnTypes, groupLabel } from './group-label.ts';
import { intervalText, numberText } from './number-text.ts';
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
  readonly noise: number | undefined;
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

function cellTexts(row: string, block: Block, blocks: readonly Block[], minimumCell: number) {
  const cell = block.cells.get(row);
  if (cell === undefined) return ['', ''];
  if (cell.value === null || cell.interval === null) {
    return ['', suppressedText(minimumCell, block.pooled && oneHidden(row, blocks))];
  }
  const noise = block.noise === undefined ? `  ±${numberText(cell.noise)}` : '';
  return [numberText(cell.value), `${intervalText(cell.interval)}${noise}`];
}

function measureLines(
  cells: readonly ReleaseCell[],
  types: ColumnTypes,
  minimumCell: number,
): string[] {
  const blocks = blocksOf(cells);
  const rows = new Map(cells.map(({ group }) => [rowKey(group), group]));
  const axes = Object.keys(cells[0]?.group ?? {}).filter((column) => column !== HOLDER);
  const columns: Column[] = [
    ...axes.map((title) => ({ title })),
    ...blocks.flatMap(({ title, noise }): Column[] => [
      { title: noise === undefined ? title : `${title} ±${numberText(noise)}`, align: 'right' },
      { title: '95 % interval' },
    ]),
  ];
  const lines = [...rows].map(([row, group]) => [
    ...axes.map((axis) => groupLabel(axis, group[axis] ?? null, types)),
    ...blocks.flatMap((block) => cellTexts(row, block, blocks, minimumCell)),
  ]);
  return tableLines(columns, lines);
}

export type ViewedStudy = {
  readonly cohort: { readonly columns: ColumnTypes };
  readonly minimumCell: number;
};

const READING =
  '± is the 95 % half width of the noise; the interval covers the noise and sampling.';

/** How to read the tables of a study; what is hidden is the same rule in every row. */
export const readingLines = ({ minimumCell }: Pick<ViewedStudy, 'minimumCell'>): string[] => [
  READING,
  ...(minimumCell > 0
    ? [`Values below ${minimumCell} are not shown, nor a total that would give one of them away.`]
    : []),
];

/** The cells of a release; a measure's name stands above its table where there are several. */
export function releaseLines(cells: readonly ReleaseCell[], study: ViewedStudy): string[] {
  const measures = unique(cells.map(({ measure }) => measure));
  return measures.flatMap((measure, i) => [
    ...(i > 0 ? [''] : []),
    ...(measures.length > 1 ? [measure] : []),
    ...measureLines(
      cells.filter((cell) => cell.measure === measure),
      study.cohort.columns,
      study.minimumCell,
    ),
  ]);
}
