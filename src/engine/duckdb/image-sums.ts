/**
 * The clamped answers of an image, added up for the vector of a plan (cohort/plan.ts, `image`). They are
 * in memory here and nowhere else, and leave with noise on them only.
 * @module
 */
import { blockOffset } from '../../analysis/block-layout.ts';
import { check } from '../../base/errors.ts';
import { componentsOf } from '../../cohort/blocks.ts';
import type { Digest } from '../../base/hash.ts';
import type { ImageContent, Plan } from '../../cohort/plan.ts';
import type { ImageCall, ImageTables } from '../../flows/image-ports.ts';
import type { TableFacts } from './compile-sql.ts';
import { imageSql } from './image-sql.ts';
import { imageTables } from './image-tables.ts';
import type { Session } from './session.ts';

/** Added to the value of the vector with this index. */
export type ValueSum = readonly [index: number, sum: bigint];

/** What one call adds to the components of its cell. */
function summands({ mode, fields }: ImageContent, answers: readonly bigint[]): bigint[] {
  return fields.flatMap(({ min, max }, f) => {
    const answer = answers[f];
    check(answer !== undefined && answer >= min && answer <= max, 'INTERNAL', 'unclamped');
    const [above, below] = [answer - min, max - answer];
    return mode === 'block' ? [above, above * below] : [above, below, above * below];
  });
}

/** The answers of one block of a plan, added up as they come. */
export class ImageSums {
  readonly call: ImageCall;
  readonly #sums: BigInt64Array;
  readonly #blocks: number;

  constructor(call: ImageCall) {
    const { plan, content } = call;
    this.call = call;
    this.#blocks = Math.max(1, content.blocks);
    this.#sums = new BigInt64Array(componentsOf(content) * plan.cells);
  }

  /** The tables that the program is asked about, from rows of the loaded cohort. */
  tables(session: Session, facts: TableFacts): ImageTables {
    const { plan, content } = this.call;
    const { sql, bound } = imageSql(plan, content, facts);
    return imageTables(session.chunks(sql, bound), content, this.#blocks * plan.cells);
  }

  readonly add = (place: number, answers: readonly bigint[]): void => {
    const { plan, content } = this.call;
    const cell = Math.floor(place / this.#blocks);
    summands(content, answers).forEach((summand, component) => {
      const at = component * plan.cells + cell;
      this.#sums[at] = (this.#sums[at] ?? 0n) + summand;
    });
  };

  values(): ValueSum[] {
    const offset = blockOffset(this.call.plan, this.call.block);
    return [...this.#sums].map((sum, i): ValueSum => [offset + i, sum]);
  }
}

/** Of every image of a plan. */
export const imageSums = (plan: Plan, run: Digest | undefined): ImageSums[] =>
  plan.blocks.flatMap(({ content }, block) =>
    content.kind === 'image' ? [new ImageSums({ plan, block, content, run })] : [],
  );
