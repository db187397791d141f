/**
 * Which sums a query needs, and how they lie in the vector: measures that read the same sums
 * share one block, and what each of them pays goes into it together.
 *
 * Layout    of one holder: block after block, run after run, component after component, and each
 *           component is one integer for every cell. On the wire a run with two digits has the
 *           low digits of all its components first, then the high ones.
 * @module
 */
import { canonicalJson } from '../base/canonical-json.ts';
import type { ReadMeasure } from './measure/measure.ts';
import { plainJson } from './plan-digest.ts';
import type { Block, BlockContent, Plan, Run } from './plan.ts';

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
export const componentsOf = (content: BlockContent): number =>
  content.kind === 'tally' ? content.parts : 3;

const runComponents = (block: Pick<Block, 'runs'>): number =>
  block.runs.reduce((sum, { components }) => sum + components, 0);

/** Where the block with this index begins in the values of one holder. */
export const blockOffset = (plan: Pick<Plan, 'blocks' | 'cells'>, index: number): number =>
  plan.cells * plan.blocks.slice(0, index).reduce((sum, block) => sum + runComponents(block), 0);

/** All runs of a plan, in the order of the vector. */
export const runsOf = (plan: Pick<Plan, 'blocks'>): Run[] =>
  plan.blocks.flatMap(({ runs }) => runs);
