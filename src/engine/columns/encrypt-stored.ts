/**
 * Encrypts a stored cohort column by column, reading a block of rows ahead of what is encrypted, so
 * that memory is one block. The holder's other work gets its turn between two ciphertexts.
 * @module
 */
import { setImmediate } from 'node:timers/promises';
import type { BlobCodec } from '../../he/seal/blob.ts';
import { type ColumnBlock, encryptColumns, type Row } from '../../he/seal/encrypt-columns.ts';
import type { HolderKey } from '../../he/seal/holder-key.ts';
import type { SealSession } from '../../he/seal/library.ts';
import { ROWS_PER_BLOCK } from '../../he/seal/parameters.ts';
import type { Schema } from '../../he/seal/schema.ts';

export type Seal = { readonly session: SealSession; readonly codec: BlobCodec };

/** Every physical column of every block, block after block. */
export async function* encryptStored(
  { session, codec }: Seal,
  key: HolderKey,
  schema: Schema,
  source: { next(): Promise<Row[]> },
): AsyncGenerator<ColumnBlock> {
  let ahead: Row[] = await source.next();
  let ended = false;
  // Asked for a row only while a block is short of one: a whole block is always there before.
  const rows = function* (): Generator<Row> {
    for (let row = ahead.shift(); row !== undefined; row = ahead.shift()) yield row;
  };
  const blocks = encryptColumns(session, codec, key, schema, rows());
  for (;;) {
    if (!ended && ahead.length < ROWS_PER_BLOCK) {
      const more = await source.next();
      ended = more.length === 0;
      ahead = [...ahead, ...more];
    }
    const next = blocks.next();
    if (next.done === true) return;
    yield next.value;
    await setImmediate();
  }
}
