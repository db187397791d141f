/** What an upload of encrypted columns needs of the holder's disk and of the sandbox. @module */
import type { Digest } from '../../base/hash.ts';
import type { Erased, SignedManifest } from './manifest.ts';
import type { ColumnTable } from './table.ts';

export type Batch = {
  readonly number: number;
  /** Salted: says nothing about the content. */
  readonly digest: Digest;
  readonly bytes: Uint8Array;
};

/** What a holder encrypted of a table, durable until it has arrived. */
export interface Batches {
  /** In order, the same bytes every time, without those that were acknowledged. */
  pending(): AsyncIterable<Batch>;
  acknowledged(number: number): Promise<void>;
  /** Of every batch, in order. */
  digests(): Promise<readonly Digest[]>;
}

/** The sandbox as a holder of encrypted columns sees it. Every call may be repeated. */
export interface SandboxColumns {
  open(table: ColumnTable, relinearisation: Uint8Array): Promise<void>;
  store(table: ColumnTable, batch: Batch): Promise<void>;
  complete(table: ColumnTable, manifest: SignedManifest): Promise<void>;
  /** Result payloads, one for each product; each product is of one physical column or two. */
  sums(
    table: ColumnTable,
    products: readonly (readonly string[])[],
    deadline: Date,
  ): Promise<Uint8Array[]>;
  erase(table: ColumnTable): Promise<Erased>;
}
