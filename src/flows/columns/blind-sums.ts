/**
 * The sandbox's part: products of two encrypted columns, summed over all blocks, as jobs.
 *
 *     columns-sum       some products over some blocks            →  a partial result for each product
 *     columns-combine   all partial results of some products      →  a result for each product
 *
 * A partial result of a product of two costs a relinearisation, about what ten columns of a block cost: so a job has
 * few products, those of few columns, over many blocks. What a job takes in is tens of megabytes, and a table may be any
 * size: three jobs are under way, so that blobs are read and hashed for one while two threads have theirs.
 * Jobs are pure and named, so that asking again continues and never computes twice.
 * @module
 */
import { concatAll } from '../../base/bytes.ts';
import { canonicalJson } from '../../base/canonical-json.ts';
import { check } from '../../base/errors.ts';
import type { Digest } from '../../base/hash.ts';
import { inOrder } from '../../base/in-order.ts';
import { transcriptDigest } from '../../base/transcript.ts';
import { jobParams, splitResults } from '../../he/seal/column-jobs.ts';
import type { BlindPlan } from '../../he/seal/evaluate.ts';
import type { Blobs, Jobs } from '../ports.ts';

export type StoredTable = {
  readonly table: Digest;
  readonly blocks: number;
  readonly relinearisation: Digest;
  /** The blob of a physical column in a block; undefined where it is not a column of the table. */
  readonly ciphertext: (block: number, column: string) => Digest | undefined;
};

/** Ciphertexts that one job reads at most: 50 MB. */
const CIPHERTEXTS_A_JOB = 256;
/** Columns of a job, unless one product has more. */
const COLUMNS_A_JOB = 8;
const AT_A_TIME = 3;
/** Jobs that a request is divided into at least, where it has as many blocks. */
const LEAST_JOBS = 2;

/** What the names of a table's jobs begin with. */
export const jobPrefix = (table: Digest): string => `columns/${table}/`;

/** What the names of the jobs of one request begin with. */
export const requestPrefix = (table: Digest, products: readonly (readonly string[])[]): string => {
  const asked = transcriptDigest('kakehashi/column-products/2', [canonicalJson(products)]);
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

/** Some products, by their place among all, and the columns that they need. */
type Share = { readonly places: number[]; readonly columns: Set<string> };

/** Products that have a column in common stay together; a column that many have, as an amount, is read by each share. */
function shares({ cells }: BlindPlan): Share[] {
  const ids = cells.map(({ factors }) => factors.map(({ id }) => id));
  const uses = new Map<string, number>();
  for (const id of ids.flat()) uses.set(id, (uses.get(id) ?? 0) + 1);
  const byRarest = new Map<string, number[]>();
  ids.forEach((factors, place) => {
    const [rarest = ''] = [...factors].sort((a, b) => (uses.get(a) ?? 0) - (uses.get(b) ?? 0));
    byRarest.set(rarest, [...(byRarest.get(rarest) ?? []), place]);
  });
  const all: Share[] = [];
  for (const places of byRarest.values()) {
    const needed = new Set(places.flatMap((place) => ids[place] ?? []));
    const last = all.at(-1);
    if (last !== undefined && new Set([...last.columns, ...needed]).size <= COLUMNS_A_JOB) {
      last.places.push(...places);
      for (const id of needed) last.columns.add(id);
    } else all.push({ places: [...places], columns: needed });
  }
  return all;
}

/** The plan of a share; and the blocks of each of its jobs, in order. */
function partsOf(plan: BlindPlan, { places, columns }: Share, least: number) {
  const { blocks } = plan;
  const most = Math.max(1, Math.floor(CIPHERTEXTS_A_JOB / columns.size));
  const size = Math.min(most, Math.ceil(blocks / least));
  const own: BlindPlan = {
    blocks,
    columns: [...columns],
    cells: places.flatMap((place) => plan.cells[place] ?? []),
  };
  const parts = Array.from({ length: Math.ceil(blocks / size) }, (_, i) =>
    Array.from({ length: Math.min(size, blocks - i * size) }, (__, j) => i * size + j),
  );
  return { plan: own, parts };
}

/** Result payloads, one after the other, in the order of `products`. */
export async function blindSums(
  table: StoredTable,
  products: readonly (readonly string[])[],
  { jobs, blobs }: { readonly jobs: Jobs; readonly blobs: Blobs },
): Promise<Uint8Array> {
  const whole = blindPlan(table, products);
  const prefix = requestPrefix(table.table, products);
  const all = shares(whole);
  const least = Math.ceil(LEAST_JOBS / all.length);
  const planned = all.map((share) => partsOf(whole, share, least));
  const partials = planned.map((): Digest[] => []);
  const submitted = planned.flatMap(({ plan, parts }, share) =>
    parts.map((part, i) => ({ plan, part, share, i })),
  );
  await inOrder(AT_A_TIME, {
    count: submitted.length,
    run: async (task) => {
      const { plan, part, share, i } = submitted[task] as (typeof submitted)[0];
      const inputs = part.flatMap((block) =>
        plan.columns.map((id) => table.ciphertext(block, id) ?? ''),
      );
      const digest = await jobs.submit({
        kind: 'columns-sum',
        inputs: [table.relinearisation, ...inputs],
        params: jobParams(plan, part),
        key: `${prefix}/${share}/${i}`,
      });
      (partials[share] as Digest[])[i] = digest;
    },
  });
  const results = new Array<Uint8Array>(products.length);
  for (const [share, { plan }] of planned.entries()) {
    const combined = await jobs.submit({
      kind: 'columns-combine',
      inputs: partials[share] as Digest[],
      params: jobParams(plan, []),
      key: `${prefix}/${share}/all`,
    });
    splitResults(await blobs.get(combined)).forEach((result, i) => {
      results[all[share]?.places[i] as number] = result;
    });
  }
  return concatAll(results);
}
