/**
 * The clamped answers of an image, added up for the vector of a plan (cohort/plan.ts, `image`). They are
 * in memory here and nowhere else, and leave with noise on them only.
 * @module
 */
import { blockOffset } from '../../analysis/block-layout.ts';
import { check } from '../../base/errors.ts';
import { componentsOf } from '../../cohort/blocks.ts';
import type { ImageContent, Plan } from '../../cohort/plan.ts';
import type { Images } from '../../flows/image-ports.ts';
import type { TableFacts } from './compile-sql.ts';
import { imageSql } from './image-sql.ts';
import { imageTables } from './image-tables.ts';
import type { Session } from './session.ts';

/** Added to the value of the vector with this index. */
export type ValueSum = readonly [index: number, sum: bigint];

export type ImageWork = {
  readonly plan: Plan;
  /** Of the block of the plan. */
  readonly index: number;
  readonly content: ImageContent;
  readonly session: Session;
  readonly facts: TableFacts;
  readonly images: Images;
  readonly signal: AbortSignal;
};

/** What one call adds to the components of its cell. */
function summands({ mode, fields }: ImageContent, answers: readonly bigint[]): bigint[] {
  return fields.flatMap(({ min, max }, f) => {
    const answer = answers[f];
    check(answer !== undefined && answer >= min && answer <= max, 'INTERNAL', 'unclamped');
    const [above, below] = [answer - min, max - answer];
    return mode === 'block' ? [above, above * below] : [above, below, above * below];
  });
}

export async function imageSums(work: ImageWork): Promise<ValueSum[]> {
  const { plan, index, content, session, facts, images, signal } = work;
  const { sql, bound } = imageSql(plan, content, facts);
  const blocks = Math.max(1, content.blocks);
  const sums = new BigInt64Array(componentsOf(content) * plan.cells);
  const answer = (place: number, answers: readonly bigint[]): void => {
    const cell = Math.floor(place / blocks);
    summands(content, answers).forEach((summand, component) => {
      const at = component * plan.cells + cell;
      sums[at] = (sums[at] ?? 0n) + summand;
    });
  };
  const tables = imageTables(session.chunks(sql, bound), content, blocks * plan.cells);
  await images.answers(plan.study, content, tables, answer, signal);
  const offset = blockOffset(plan, index);
  return [...sums].map((sum, i): ValueSum => [offset + i, sum]);
}
