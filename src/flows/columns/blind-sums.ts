/**
 * The sandbox's part: products of two encrypted columns, summed over all blocks, as jobs.
 *
 *     columns-sum       some blocks, as many as fit a worker      →  a partial result for each product
 *     columns-combine   all partial results                       →  a result for each product
 *
 * Two jobs at a time: what a job takes in is tens of megabytes, and a table may be any size.
 * Jobs are pure and named, so that asking again continues and never computes twice.
 * @module
 */
import { canonicalJson } from '../../base/canonical-json.ts';
import { check } from '../../base/errors.ts';
import type { Digest } from '../../base/hash.ts';
import { transcriptDigest } from '../../base/transcript.ts';
import { jobParams } from '../../he/seal/column-jobs.ts';
import type { BlindPlan } from '../../he/seal/evaluate.ts';
import type { Blobs, Jobs } from '../ports.ts';

export type StoredTable = {
  readonly table: Digest;
  readonly blocks: number;
  readonly relinearisation: Digest;
  /** The blob of a physical column in a block; undefined where it is not a column of the table. */
  readonly ciphertext: (block: number, column: string) => Digest | undefined;
};

/** Ciphertexts that one job reads: 32 MB. */
const CIPHERTEXTS_A_JOB = 160;
const AT_A_TIME = 2;

/** What the names of a table's jobs begin with. */
export const jobPrefix = (table: Digest): string => `columns/${table}/`;

/** What the names of the jobs of one request begin with. */
export const requestPrefix = (table: Digest, products: readonly (readonly string[])[]): string => {
  const asked = transcriptDigest('kakehashi/column-products/1', [canonicalJson(products)]);
  return `${jobPrefix(table)}${asked}`;
};

function blindPlan(
  { blocks, ciphertext }: StoredTable,
  products: readonly (readonly string[])[],
): BlindPlan {
  const columns = [...new Set(products.flat())];
  const known = columns.every((id) => ciphertext(0, id) !== undefined);
  check(known, 'INVALID_PARAMETER', 'unknown encrypted column');
  // Depth two would need other parameters: the sandbox does not begin what cannot be decrypted.
  const deep = products.some((ids) => ids.length < 1 || ids.length > 2);
  check(!deep, 'DEPTH', 'product of another depth');
  const cells = products.map((ids) => ({ factors: ids.map((id) => ({ id })) }));
  return { blocks, columns, cells };
}

/** Blocks of each job, in order. */
function parts({ blocks, columns }: BlindPlan): number[][] {
  const size = Math.max(1, Math.floor(CIPHERTEXTS_A_JOB / columns.length));
  return Array.from({ length: Math.ceil(blocks / size) }, (_, i) =>
    Array.from({ length: Math.min(size, blocks - i * size) }, (__, j) => i * size + j),
  );
}

/** Result payloads, one after the other, in the order of `products`. */
export async function blindSums(
  table: StoredTable,
  products: readonly (readonly string[])[],
  { jobs, blobs }: { readonly jobs: Jobs; readonly blobs: Blobs },
): Promise<Uint8Array> {
  const plan = blindPlan(table, products);
  const prefix = requestPrefix(table.table, products);
  const all = parts(plan);
  const partial = (part: readonly number[], i: number): Promise<Digest> =>
    jobs.submit({
      kind: 'columns-sum',
      inputs: [
        table.relinearisation,
        ...part.flatMap((block) => plan.columns.map((id) => table.ciphertext(block, id) ?? '')),
      ],
      params: jobParams(plan, part),
      key: `${prefix}/${i}`,
    });
  const partials: Digest[] = [];
  for (let from = 0; from < all.length; from += AT_A_TIME) {
    const some = all.slice(from, from + AT_A_TIME).map((part, i) => partial(part, from + i));
    partials.push(...(await Promise.all(some)));
  }
  const result = await jobs.submit({
    kind: 'columns-combine',
    inputs: partials,
    params: jobParams(plan, []),
    key: `${prefix}/all`,
  });
  return blobs.get(result);
}
