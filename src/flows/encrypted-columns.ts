/**
 * Flow 3, encrypted columns: a holder without computing power hands its columns over encrypted,
 * and the sandbox sums them blind. Read this file first; the steps are in columns/.
 *
 *     holder                                             sandbox
 *     open      list of columns, relinearisation key ──▶ keeps them               layout.ts
 *     store     batches of ciphertexts, numbered     ──▶ blobs; a known one is dropped
 *     complete  signed manifest of every batch       ──▶ checks that all is there   manifest.ts
 *     ...       from here on the holder may be away, and may have deleted its rows
 *     sums      which products of two columns        ──▶ multiplies, adds           serve.ts, blind-sums.ts
 *               one small ciphertext for each sum    ◀──
 *     opens, checks, adds its whole noise share: the `Cohort` port of a pooled aggregate
 *     erase                                          ──▶ deletes; the holder destroys its key, signs
 *
 * A release is the pooled aggregate as it is (pooled-aggregate.ts): budget, noise, masks, receipts. The
 * only difference is where the holder has its exact sums from. They exist in its process alone, and the
 * noise is added before anything leaves it.
 *
 * Assumption  RLWE and circular security (he/seal). Secret key and check rows never leave the holder.
 * Adversary   the sandbox, which may deviate. It cannot read a column or a sum. It can
 *               - compute any function of depth one of the columns, and return that instead: a sum over
 *                 fewer blocks, of other columns, of an older table, or garbage;
 *               - change single slots, by adding or multiplying with a plaintext of its own.
 *             The holder notices the first by the check rows and the bounds (he/seal/check-rows.ts:
 *             what differs in a share f of the slots passes with probability (1 − f)^64 or so), the
 *             second in 1 of 128 cases, or always where it still has its rows and compares exactly.
 *             In a table of B blocks a slot is the sum of B people, and its bound B times theirs. By
 *             changing slots the sandbox can so give one person up to B times its weight, and put it in every
 *             cell of a group: up to B²·cells times the rho that the noise was made for. **Without the
 *             rows the price of a release holds against a sandbox that follows the plan**; a holder that
 *             fears another keeps its rows, and has this checked. What the holder notices is
 *             answered with zeros plus noise and a local alarm (rulings 13), and the table is retired
 *             before another run: whether a crafted result was noticed is one bit about the key, given once.
 *             It can also not answer: then no run starts.
 * Leakage     to the sandbox: the list of columns, blocks of 8128 people, times of upload, which sums
 *             are asked for (the query says as much), and whether a table was retired.
 * Served      one row a person, a filter that was uploaded, one group of cells that was uploaded,
 *             counts, sums, means, variances and tallies; one product of two columns. What needs
 *             more is refused with DEPTH before any budget is reserved.
 * Not given   that the encrypted rows are true, as in every flow; erasure by the sandbox, which
 *             says so and no more. What is certain is that the key is gone (rulings 38).
 * @module
 */
import type { SignedErasure } from '../audit/erasure.ts';
import type { SigningKey } from '../base/sign.ts';
import { erasureOf, manifestOf, type SignedManifest } from './columns/manifest.ts';
import type { Batches, SandboxColumns } from './columns/sandbox-columns.ts';
import type { ServedPlan } from './columns/serve.ts';
import type { ColumnTable } from './columns/table.ts';
import type { Clock } from './ports.ts';

/** Results in one answer: 17 MB. */
const PORTION = 64;

/** Sends what has not arrived yet. Interrupted, it is called again with the same batches. */
export async function uploadColumns(
  table: ColumnTable,
  relinearisation: Uint8Array,
  batches: Batches,
  sandbox: SandboxColumns,
  holder: { readonly name: string; readonly key: SigningKey },
): Promise<SignedManifest> {
  await sandbox.open(table, relinearisation);
  for await (const batch of batches.pending()) {
    await sandbox.store(table, batch);
    await batches.acknowledged(batch.number);
  }
  const manifest = manifestOf(table, relinearisation, await batches.digests(), holder);
  await sandbox.complete(table, manifest);
  return manifest;
}

/** The encrypted sums of a plan, as the sandbox gives them: unchecked, and not opened here. */
export async function askSums(
  table: ColumnTable,
  { columns }: ServedPlan,
  sandbox: Pick<SandboxColumns, 'sums'>,
  deadline: Date,
): Promise<Uint8Array[]> {
  const products = columns.cells.map(({ factors }) => factors.map(({ id }) => id));
  const results: Uint8Array[] = [];
  for (let from = 0; from < products.length; from += PORTION) {
    const portion = products.slice(from, from + PORTION);
    results.push(...(await sandbox.sums(table, portion, deadline)));
  }
  return results;
}

/**
 * Ends a table: the key is destroyed first, so that nothing can be read whatever the sandbox
 * does, then the sandbox deletes, then the holder signs what it did and what it was told.
 */
export async function eraseColumns(
  table: ColumnTable,
  destroyKey: () => Promise<void>,
  sandbox: Pick<SandboxColumns, 'erase'>,
  holder: { readonly name: string; readonly key: SigningKey; readonly clock: Pick<Clock, 'now'> },
): Promise<SignedErasure> {
  await destroyKey();
  const erased = await sandbox.erase(table);
  return erasureOf(table, erased, holder);
}
