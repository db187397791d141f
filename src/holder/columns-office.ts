/** What a holder keeps of its encrypted columns: tables, keys, batches on their way, and SEAL. @module */
import type { Rng } from '../base/rng.ts';
import type { Vault } from '../base/vault.ts';
import { ColumnKeys } from '../engine/columns/column-keys.ts';
import type { Seal } from '../engine/columns/encrypt-stored.ts';
import type { HolderColumns } from '../engine/stores/holder-columns.ts';
import type { ErasableBlobs } from '../flows/ports.ts';
import { BlobCodec } from '../he/seal/blob.ts';
import { SealSession } from '../he/seal/library.ts';

export type ColumnsOffice = {
  readonly tables: HolderColumns;
  readonly keys: ColumnKeys;
  readonly blobs: ErasableBlobs;
  readonly rng: Rng;
  /** Opened at the first use: it takes 0.4 s and memory that is never given back. */
  readonly seal: () => Promise<Seal>;
};

export function columnsOffice(options: {
  readonly tables: HolderColumns;
  readonly keysDirectory: string;
  readonly vault: Vault;
  readonly rng: Rng;
  readonly blobs: ErasableBlobs;
}): ColumnsOffice {
  const { tables, keysDirectory: directory, vault, rng, blobs } = options;
  let opened: Promise<Seal> | undefined;
  const open = async (): Promise<Seal> => {
    const session = await SealSession.open();
    return { session, codec: new BlobCodec(session) };
  };
  const seal = (): Promise<Seal> => {
    opened ??= open();
    return opened;
  };
  return { tables, keys: new ColumnKeys({ directory, vault, rng, seal }), blobs, rng, seal };
}
