/**
 * Which sums a query needs: measures that read the same sums share one block, and what each of
 * them pays goes into it together. How they lie in the vector is in analysis/block-layout.ts.
 * @module
 */
import { canonicalJson } from '../base/canonical-json.ts';
import { dyadicTree } from '../dp/mechanism/dyadic.ts';
import { regressionSums } from '../dp/mechanism/regression.ts';
import { componentsOfField } from '../dp/mechanism/sample-aggregate.ts';
import type { ReadMeasure } from './measure/measure.ts';
import { plainJson } from './plan-digest.ts';
import type { BlockContent, Feature, ImageContent, Plan, Run } from './plan.ts';
import type { CohortSection } from './schema.ts';

const keyOf = (content: BlockContent): string => canonicalJson(plainJson(content));

export type SharedBlock = {
  readonly content: BlockContent;
  /** How many measures read it. */
  readonly readers: number;
};

/** In the order in which measures first ask for them. */
export function distinctBlocks(measures: readonly ReadMeasure[]): SharedBlock[] {
  const keys = measures.map(({ content }) => keyOf(content));
  return measures.flatMap(({ content }, i) =>
    keys.indexOf(keys[i] ?? '') === i
      ? [{ content, readers: keys.filter((key) => key === keys[i]).length }]
      : [],
  );
}

/** The index into `distinctBlocks` of the block of each measure. */
export function blockIndices(measures: readonly ReadMeasure[]): number[] {
  const keys = measures.map(({ content }) => keyOf(content));
  const distinct = [...new Set(keys)];
  return keys.map((key) => distinct.indexOf(key));
}

/** Integers of one cell. */
export function componentsOf(content: BlockContent): number {
  switch (content.kind) {
    case 'tally':
      return content.parts;
    case 'dyadic':
      return dyadicTree(2 ** content.depth).nodes;
    case 'moments':
      return 3;
    case 'gram':
      return gramSums(content.features).pairs.length;
    case 'image':
      return content.fields.length * componentsOfField[content.mode];
  }
}

/** The largest absolute value of a feature. */
const featureBound = (feature: Feature): bigint =>
  feature.kind === 'number' ? feature.max - feature.min : 1n;

/** The sums of products of a regression: the last feature is the outcome. */
export const gramSums = (features: readonly Feature[], rowsPerPerson = 1) =>
  regressionSums(
    features.slice(0, -1).map(featureBound),
    features.slice(-1).map(featureBound)[0] ?? 0n,
    rowsPerPerson,
  );

/** Widths U − L of the fields of an image. */
export const fieldWidths = ({ fields }: Pick<ImageContent, 'fields'>): bigint[] =>
  fields.map(({ min, max }) => max - min);

/** Rows that one person adds at most, each in a cell of its own: of a program, calls for this person. */
export const callsOfPerson = (
  { rowsPerPerson, cellsPerPerson }: Pick<CohortSection, 'rowsPerPerson' | 'cellsPerPerson'>,
  cells: number,
): number => Math.min(rowsPerPerson, cellsPerPerson, cells);

/** Names of everything that a plan releases, in the order of its query. */
export const measureNames = ({ measures, inside }: Pick<Plan, 'measures' | 'inside'>): string[] =>
  [...measures, ...(inside?.measures ?? [])].map(({ name }) => name);

/** All runs of a plan, in the order of the vector. */
export const runsOf = (plan: Pick<Plan, 'blocks'>): Run[] =>
  plan.blocks.flatMap(({ runs }) => runs);

/**
 * The programs of a plan, with the blocks that they fill; inside one holder, where a plan has no blocks, with
 * its choices.
 */
export const imageBlocks = ({
  blocks,
  inside,
}: Pick<Plan, 'blocks' | 'inside'>): readonly {
  readonly block: number;
  readonly content: ImageContent;
}[] => [
  ...blocks.flatMap(({ content }, block) => (content.kind === 'image' ? [{ block, content }] : [])),
  ...(inside?.choices ?? []).flatMap(({ choice }, block) =>
    choice.kind === 'median' || choice.kind === 'winsorised'
      ? [{ block, content: choice.content }]
      : [],
  ),
];

/** Every image that a plan runs. */
export const imagesOf = (plan: Pick<Plan, 'blocks' | 'inside'>): ImageContent[] =>
  imageBlocks(plan).map(({ content }) => content);

/** Where a program runs. */
export const placeOf = ({ operator }: Pick<ImageContent, 'operator'>): 'holder' | 'sandbox' =>
  operator === undefined ? 'holder' : 'sandbox';
