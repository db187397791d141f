/**
 * What a holder encrypted and the sandbox has not yet: batches as blobs, until they have arrived.
 *
 * Encryption is randomised, so a batch is made once: its digest is durable before it is sent, its
 * bytes until they are acknowledged. An upload that goes on after a crash sends what is kept, then
 * encrypts the rest; the ciphertexts of batches that had arrived are made again only to be passed
 * over. Batch i holds ciphertexts 64 i to 64 i + 63 of the table, a message of 13 MB.
 * @module
 */
import { concat } from '../../base/bytes.ts';
import type { Digest } from '../../base/hash.ts';
import type { Rng } from '../../base/rng.ts';
import type { Batch, Batches } from '../../flows/columns/sandbox-columns.ts';
import type { ErasableBlobs } from '../../flows/ports.ts';
import type { ColumnBlock } from '../../he/seal/encrypt-columns.ts';
import { batchDigest, inBatches, type UploadBatch } from './upload-batch.ts';

const BATCH_CIPHERTEXTS = 64;

export type BatchRecord = {
  readonly number: number;
  readonly digest: Digest;
  /** Null once it has arrived. */
  readonly blob: Digest | null;
};

/** Durable when a method returns. */
export interface BatchRecords {
  /** In order. */
  batches(table: Digest): Promise<BatchRecord[]>;
  keepBatch(table: Digest, record: BatchRecord): Promise<void>;
  arrived(table: Digest, number: number): Promise<void>;
}

export type SpoolOptions = {
  readonly table: Digest;
  readonly records: BatchRecords;
  readonly blobs: ErasableBlobs;
  readonly rng: Rng;
  /** Every ciphertext of the table, in its order. */
  readonly encrypt: () => AsyncIterable<ColumnBlock>;
  /** Ciphertexts of a batch, the same in the life of a table. */
  readonly size?: number;
};

/** The stream of one batch: a whole Arrow stream by itself. */
async function bytesOf(batch: UploadBatch): Promise<Uint8Array> {
  const { encodeColumnStream } = await import('./column-stream.ts');
  const parts: Uint8Array[] = [];
  for await (const part of encodeColumnStream([batch])) parts.push(part);
  return concat(...parts);
}

export class ColumnSpool implements Batches {
  readonly #options: SpoolOptions;

  constructor(options: SpoolOptions) {
    this.#options = options;
  }

  async digests(): Promise<readonly Digest[]> {
    const { table, records } = this.#options;
    return (await records.batches(table)).map(({ digest }) => digest);
  }

  async *pending(): AsyncGenerator<Batch> {
    const { table, records, blobs, rng, encrypt, size = BATCH_CIPHERTEXTS } = this.#options;
    const kept = await records.batches(table);
    for (const { number, digest, blob } of kept) {
      if (blob === null) continue;
      yield { number, digest, bytes: await blobs.get(blob) };
      await blobs.delete(blob);
    }
    for await (const batch of inBatches(table, encrypt(), { size, rng, from: kept.length })) {
      const { number } = batch;
      const bytes = await bytesOf(batch);
      const blob = await blobs.put(bytes);
      const digest = batchDigest(batch);
      await records.keepBatch(table, { number, digest, blob });
      yield { number, digest, bytes };
      await blobs.delete(blob);
    }
  }

  acknowledged(number: number): Promise<void> {
    const { table, records } = this.#options;
    return records.arrived(table, number);
  }
}
