/**
 * What a measure of tables or models would make of a cell whose rows are spread evenly over all that
 * the study's public numbers allow: its noise half-widths are those to expect (rulings 14).
 *
 *     counts        as many rows in each part
 *     a tree        as many rows for each value of the column
 *     an image      answers spread evenly over their bounds
 *     a regression  features spread evenly over their bounds, independent of each other
 *
 * The noise itself is public; only where a half-width depends on the counts does the spread matter.
 * @module
 */
import type { Entry } from '../analysis/entry.ts';
import { entriesOf, NoiseWidths } from '../analysis/release-entry.ts';
import type { TableMeasure } from '../analysis/table-measure.ts';
import { dyadicCounts, dyadicTree } from '../dp/mechanism/dyadic.ts';
import { componentsOf, fieldWidths } from './blocks.ts';
import type { BlockContent, Feature, ImageContent, Run } from './plan.ts';

export type ExpectedPart = {
  /** The odds ratio, a coefficient, a slope. */
  readonly name: string;
  readonly unit: string;
  /** Null where so many rows would not determine it, or only shrunk. */
  readonly noise: number | null;
};

export type ExpectedNoise = {
  /** Of a cell or of a point of a curve, the largest; undefined where there is none. */
  readonly cell: number | undefined;
  readonly unit: string;
  readonly parts: readonly ExpectedPart[];
};

function evenTree(measure: TableMeasure, depth: number, rows: number): number[] {
  const tree = dyadicTree(2 ** depth);
  const leaves = new BigInt64Array(tree.leaves);
  if ('leaves' in measure) {
    const { min, max, width } = measure.leaves;
    leaves.forEach((_, i) => {
      const low = min + i * width;
      const values = Math.min(width, Math.max(0, max + 1 - low));
      leaves[i] = BigInt(Math.round((rows * values) / (max + 1 - min)));
    });
  }
  return [...dyadicCounts(tree, leaves)].map(Number);
}

/** E z and E z² of a feature, evenly spread. */
const momentsOf = (feature: Feature): readonly [number, number] => {
  if (feature.kind === 'indicator') return [1 / 2, 1 / 2];
  const bound = Number(feature.max - feature.min);
  return [0, (bound * bound) / 3];
};

function evenProducts(features: readonly Feature[], rows: number): number[] {
  const moments = [[1, 1] as const, ...features.map(momentsOf)];
  return moments.flatMap(([left, square], i) =>
    moments.slice(i).map(([right], j) => Math.round(rows * (j === 0 ? square : left * right))),
  );
}

/** Answers spread evenly over the bounds: of blocks at `shares` holders, or of so many people. */
function evenAnswers(content: ImageContent, rows: number, shares: number): number[] {
  const n = content.mode === 'block' ? content.blocks * shares : rows;
  return fieldWidths(content).flatMap((wide) => {
    const width = Number(wide);
    const [sum, products] = [Math.round((n * width) / 2), Math.round((n * width * width) / 6)];
    return content.mode === 'block' ? [sum, products] : [sum, sum, products];
  });
}

function evenValues(
  measure: TableMeasure,
  content: BlockContent,
  rows: number,
  shares: number,
): number[] {
  if (content.kind === 'gram') return evenProducts(content.features, rows);
  if (content.kind === 'image') return evenAnswers(content, rows, shares);
  if (content.kind === 'dyadic') return evenTree(measure, content.depth, rows);
  const parts = componentsOf(content);
  return Array.from({ length: parts }, () => Math.round(rows / parts));
}

function widest(entries: readonly Entry[]): number | undefined {
  const widths = entries.flatMap((entry) => {
    if (entry.kind === 'cell') return [entry.estimate.noise];
    return entry.kind === 'incidence' ? entry.points.map(({ noise }) => noise) : [];
  });
  return widths.length === 0 ? undefined : widths.reduce((a, b) => Math.max(a, b));
}

/** What a block is summed from, and its noise. */
export type NoisedBlock = {
  readonly content: BlockContent;
  readonly runs: readonly Pick<Run, 'components' | 'variance'>[];
};

/** With `rows` rows in the cell and `shares` shares of noise. */
export function expectedNoise(
  measure: TableMeasure,
  block: NoisedBlock,
  shares: number,
  rows: number,
): ExpectedNoise {
  const variances = block.runs.flatMap(({ components, variance }) =>
    Array.from({ length: components }, () => variance),
  );
  const values = evenValues(measure, block.content, rows, shares);
  const entries = entriesOf(
    measure,
    values,
    { variances, shares },
    { widths: new NoiseWidths(), draws: 0 },
  );
  const first = entries.find((entry) => entry.kind === 'cell');
  return {
    cell: widest(entries),
    unit: first?.unit ?? '1',
    parts: entries.flatMap((entry) =>
      entry.kind === 'estimate'
        ? [{ name: entry.estimate.name, unit: entry.unit, noise: entry.estimate.noise }]
        : [],
    ),
  };
}
