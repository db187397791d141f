/** What a holder needs to run the images of a study (rulings 31 to 34). @module */
import type { Digest } from '../base/hash.ts';
import type { ImageContent, Plan } from '../cohort/plan.ts';

/** The walls around the process of an image: what a study signs, and evidence names. */
export type Boundary = 'bubblewrap' | 'process';

/** One table for one call of an image (image/abi.ts), and where its answers belong. */
export type ImageTable = { readonly index: number; readonly table: Uint8Array };

/** Programs of a study, run over a holder's own rows inside this holder (rulings 31, 32). */
export interface Images {
  /**
   * Fetches, verifies and loads every image of a plan, before anything is reserved. Refuses with
   * IMAGE_MISSING, IMAGE_REJECTED, IMAGE_UNSIGNED.
   */
  prepare(plan: Pick<Plan, 'study' | 'blocks' | 'inside'>): Promise<void>;
  /**
   * Gives the answers to every table, within the declared bounds, in whatever order. What a table is
   * answered with depends on that table alone; a program that fails gives its defaults, and nothing
   * says so. Tables are pulled as they are needed, and wiped.
   */
  answers(
    study: Digest,
    content: ImageContent,
    tables: AsyncIterator<ImageTable, undefined>,
    answer: (index: number, answers: readonly bigint[]) => void,
    signal: AbortSignal,
  ): Promise<void>;
}
