/**
 * Encrypted columns in transit: batches of ciphertexts, each with a number and a salted digest.
 *
 * Encryption is randomised, so a batch is made once, kept until it is acknowledged, and sent again as the
 * same bytes. The digest names it: SHA-256 over a 256-bit salt, the table, the number and every
 * ciphertext with its place. A holder that resumes asks which digests have arrived and sends the
 * others; a receiver that sees a digest again drops the batch. The list of digests, signed by the holder, is
 * what authenticates the upload; whoever has only the digests learns nothing of the content from
 * them (rulings 22).
 * @module
 */
import { createHash } from 'node:crypto';
import { toHex, uint64, utf8 } from '../../base/bytes.ts';
import { check } from '../../base/errors.ts';
import type { Digest } from '../../base/hash.ts';
import type { Rng } from '../../base/rng.ts';
import type { ColumnBlock } from '../../he/seal/encrypt-columns.ts';

export const SALT_BYTES = 32;
/** 50 MB of ciphertexts. */
export const MOST_BLOCKS = 256;

export type UploadBatch = {
  /** The table that the columns belong to, a name both sides know. */
  readonly table: string;
  /** From 0, without gaps. */
  readonly number: number;
  readonly salt: Uint8Array;
  readonly blocks: readonly ColumnBlock[];
};

/** Each part with its length before it, so that no two batches hash the same bytes. */
export function batchDigest({ table, number, salt, blocks }: UploadBatch): Digest {
  const hash = createHash('sha256');
  const add = (bytes: Uint8Array): void => {
    hash.update(uint64(bytes.length)).update(bytes);
  };
  add(utf8('kakehashi/columns/1'));
  add(salt);
  add(utf8(table));
  hash.update(uint64(number)).update(uint64(blocks.length));
  for (const { block, column, blob } of blocks) {
    hash.update(uint64(block));
    add(utf8(column));
    add(blob);
  }
  return toHex(hash.digest());
}

export type BatchOptions = {
  readonly size: number;
  readonly rng: Rng;
  /** Batches before this number have arrived and are passed over. */
  readonly from?: number;
};

/** Batches of `size` ciphertexts, each with a fresh salt. */
export async function* inBatches(
  table: string,
  blocks: AsyncIterable<ColumnBlock> | Iterable<ColumnBlock>,
  { size, rng, from = 0 }: BatchOptions,
): AsyncGenerator<UploadBatch> {
  check(
    Number.isInteger(size) && size >= 1 && size <= MOST_BLOCKS,
    'INVALID_PARAMETER',
    `${size} ciphertexts a batch`,
  );
  let number = 0;
  let part: ColumnBlock[] = [];
  const batch = (): UploadBatch => ({ table, number, salt: rng(SALT_BYTES), blocks: part });
  for await (const block of blocks) {
    part.push(block);
    if (part.length < size) continue;
    if (number >= from) yield batch();
    number += 1;
    part = [];
  }
  if (part.length > 0 && number >= from) yield batch();
}
