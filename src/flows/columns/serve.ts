/**
 * Which blind sums give a plan's values, over the columns of a layout: a pure function of public
 * things, so that a query that needs more is refused before anybody reserves budget.
 *
 *     value of a cell = Σ over rows of   [filter] · [cell of the group] · [what is measured]
 *
 * A column each at most, and two of them at most: one product, depth one. A table of cells that
 * was uploaded with its filter is one column; otherwise the filter and the group are two. What is
 * counted is nothing more, a part of a tally one column, and of moments
 *
 *     Σ (x − min) = A      Σ (max − x) = (max − min)·P − A      Σ (x − min)·(max − x) = Q
 *
 * for the columns A, P (present) and Q of the layout. Which row of a person counts is no question:
 * the table has one.
 * @module
 */
import { check, type InputError, Refusal } from '../../base/errors.ts';
import { pointerTo } from '../../base/input.ts';
import { blockOffset } from '../../analysis/block-layout.ts';
import type { BlockContent, Plan } from '../../cohort/plan.ts';
import { dyadicTree, pathOf } from '../../dp/mechanism/dyadic.ts';
import { resultNoise } from '../../he/seal/noise.ts';
import { MAX_BLOCKS, T } from '../../he/seal/parameters.ts';
import type { Cell, ColumnPlan } from '../../he/seal/plan.ts';
import { type Physical, physicalColumns } from '../../he/seal/schema.ts';
import { columnName, type Layout, partsOf, productName, type Uploaded } from './layout.ts';
import { sameMeaning } from './same-meaning.ts';

/** value `index` of the vector = Σ coefficient · sum of a cell of the column plan. */
export type Reading = {
  readonly index: number;
  readonly terms: readonly (readonly [coefficient: bigint, cell: number])[];
};

export type ServedPlan = { readonly columns: ColumnPlan; readonly readings: readonly Reading[] };

type Factors = readonly string[];
/** Ids of the physical columns whose product is 1 in the rows of cell i. */
type CellFactors = readonly Factors[];

type Cells = Extract<Uploaded, { kind: 'cells' }>;

/** Physical column that is 1 in the rows of `cell`. */
function oneHotId(uploaded: Uploaded, index: number, cell: number): string {
  const indicator = uploaded.kind === 'cells' && uploaded.cells === 1;
  return indicator ? columnName(index) : `${columnName(index)}=${cell}`;
}

const indexOfCells = (
  { uploaded }: Layout,
  where: Cells['where'],
  dimensions: Cells['dimensions'],
): number =>
  uploaded.findIndex(
    (one) =>
      one.kind === 'cells' &&
      sameMeaning(one.where, where) &&
      sameMeaning(one.dimensions, dimensions),
  );

/** Filter and group of a plan, in as few factors as the layout allows. */
function cellFactors(layout: Layout, plan: Plan, errors: InputError[]): CellFactors {
  const { where, dimensions } = plan;
  const at = (index: number, cell: number): string[] => {
    const column = layout.uploaded[index];
    return column === undefined ? [] : [oneHotId(column, index, cell)];
  };
  const cells = Array.from({ length: plan.cells }, (_, cell) => cell);
  if (where === undefined && dimensions.length === 0) return [[]];
  const whole = indexOfCells(layout, where, dimensions);
  if (whole >= 0) return cells.map((cell) => at(whole, cell));
  const filter = where === undefined ? -1 : indexOfCells(layout, where, []);
  const group = dimensions.length === 0 ? -1 : indexOfCells(layout, undefined, dimensions);
  if (where !== undefined && filter < 0) errors.push({ pointer: '/where', code: 'NOT_UPLOADED' });
  if (dimensions.length > 0 && group < 0) {
    errors.push({ pointer: '/groupBy', code: 'NOT_UPLOADED' });
  }
  return cells.map((cell) => [...at(filter, 0), ...at(group, cell)]);
}

/** Of every node of a tree the columns of its leaves. */
function nodeFactors(depth: number, uploaded: Uploaded, index: number) {
  const tree = dyadicTree(2 ** depth);
  const nodes = Array.from({ length: tree.nodes }, (): (readonly [bigint, Factors])[] => []);
  for (let leaf = 0; leaf < tree.leaves; leaf++) {
    const column = [oneHotId(uploaded, index, leaf)];
    for (const node of pathOf(tree, leaf)) nodes[node]?.push([1n, column]);
  }
  return nodes;
}

/** Of one row: coefficients and the column, for each component of a block. Undefined: not uploaded. */
function componentFactors(
  { uploaded }: Layout,
  content: BlockContent,
): (readonly (readonly [bigint, Factors])[])[] | undefined {
  if (content.kind === 'gram' || content.kind === 'image') return undefined;
  if (content.kind === 'tally' && content.part.kind === 'all') return [[[1n, []]]];
  const index = uploaded.findIndex((one) =>
    content.kind === 'moments'
      ? sameMeaning(one, content)
      : one.kind === 'part' &&
        one.parts === partsOf(content) &&
        sameMeaning(one.part, content.part),
  );
  const found = uploaded[index];
  if (found === undefined) return undefined;
  if (content.kind === 'dyadic') return nodeFactors(content.depth, found, index);
  if (content.kind === 'tally') {
    return Array.from({ length: content.parts }, (_, part) => [
      [1n, [oneHotId(found, index, part)]] as const,
    ]);
  }
  const value = columnName(index);
  const width = content.max - content.min;
  return [
    [[1n, [value]]],
    [
      [width, [`${value}?`]],
      [-1n, [value]],
    ],
    [[1n, [productName(index)]]],
  ];
}

/** Collects cells of a column plan, each once. */
class CellList {
  readonly #physical: ReadonlyMap<string, Physical>;
  readonly #blocks: number;
  readonly #places = new Map<string, number>();
  readonly cells: Cell[] = [];

  constructor(layout: Layout, blocks: number) {
    this.#physical = new Map(physicalColumns(layout.schema).map((one) => [one.id, one]));
    this.#blocks = blocks;
  }

  place(factors: Factors): number {
    const key = factors.join(' ');
    const known = this.#places.get(key);
    if (known !== undefined) return known;
    this.#places.set(key, this.cells.length);
    this.cells.push(this.#cell(factors));
    return this.cells.length - 1;
  }

  #cell(factors: Factors): Cell {
    const [first, second] = factors.map((id) => this.#physical.get(id));
    check(first !== undefined && factors.length <= 2, 'INTERNAL', 'factors of a cell');
    // Every column of a layout begins at 0.
    const high = BigInt(first.high) * BigInt(second?.high ?? 1);
    const fits = 2n * high * BigInt(this.#blocks) < T;
    check(fits, 'PLAINTEXT_RANGE', 'a slot could pass half the plaintext modulus');
    resultNoise(factors.length, this.#blocks);
    const all = second === undefined ? ([first] as const) : ([first, second] as const);
    return { measure: { kind: 'count' }, group: undefined, factors: all, low: 0n, high };
  }
}

/** Of opening one sum at the holder: 2.9 ms measured, and the check rows of every block. */
const OPEN_MS = 3;
const CHECK_MS_A_BLOCK = 0.1;
/** The margin that a deadline has, in the three quarters of it that work on rows may take. */
const MARGIN = 4;
const COHORT_SHARE = 3 / 4;

/** Whether a holder opens as many sums in time: also a matter of public numbers only (rulings 15). */
const inTime = ({ deadlineSeconds }: Plan, sums: number, blocks: number): boolean =>
  MARGIN * sums * (OPEN_MS + CHECK_MS_A_BLOCK * blocks) <= COHORT_SHARE * 1000 * deadlineSeconds;

/** Where a measure of the query that reads block `block` stands. */
const measurePointer = (plan: Plan, block: number): string =>
  pointerTo(
    '/measures',
    plan.measures.findIndex((measure) => measure.block === block),
  );

/**
 * The sums of a plan over a table of `blocks` blocks. Refuses with DEPTH, and says where, what
 * needs a column that was not uploaded, a product of three, or more sums than are opened in time.
 */
export function servedPlan(layout: Layout, plan: Plan, blocks: number): ServedPlan {
  const counted = Number.isInteger(blocks) && blocks >= 1 && blocks <= MAX_BLOCKS;
  check(counted, 'INVALID_PARAMETER', `${blocks} blocks`);
  const errors: InputError[] = [];
  if (plan.per?.window !== undefined) errors.push({ pointer: '/per/window', code: 'NOT_UPLOADED' });
  const cells = cellFactors(layout, plan, errors);
  const components = plan.blocks.map(({ content }, block) => {
    const found = componentFactors(layout, content);
    const pointer = measurePointer(plan, block);
    if (found === undefined) errors.push({ pointer, code: 'NOT_UPLOADED' });
    const deepest = Math.max(0, ...(found ?? []).flat().map(([, factors]) => factors.length));
    const deep = cells.some((factors) => factors.length + deepest > 2);
    if (deep) errors.push({ pointer, code: 'PRODUCT_OF_THREE' });
    return found ?? [];
  });
  if (errors.length > 0) throw new Refusal('DEPTH', 'plan over encrypted columns', { errors });

  const list = new CellList(layout, blocks);
  const rows = [columnName(0)];
  const readings = components.flatMap((block, i) =>
    block.flatMap((terms, component) =>
      cells.map((cell, c): Reading => {
        const index = blockOffset(plan, i) + component * plan.cells + c;
        const read = terms.map(([coefficient, factors]) => {
          const all = [...cell, ...factors];
          return [coefficient, list.place(all.length === 0 ? rows : all)] as const;
        });
        return { index, terms: read };
      }),
    ),
  );
  if (!inTime(plan, list.cells.length, blocks)) {
    const tooMany = [{ pointer: '/groupBy', code: 'TOO_MANY_SUMS' }];
    throw new Refusal('DEPTH', `${list.cells.length} sums`, { errors: tooMany });
  }
  const ids = list.cells.flatMap(({ factors }) => factors.map(({ id }) => id));
  return { columns: { blocks, cells: list.cells, columns: [...new Set(ids)] }, readings };
}

/** The vector of a plan, from the sums of its column plan. */
export function readVector({ readings }: ServedPlan, sums: readonly bigint[]): [number, bigint][] {
  return readings.map(({ index, terms }) => [
    index,
    terms.reduce((value, [coefficient, cell]) => value + coefficient * (sums[cell] ?? 0n), 0n),
  ]);
}
