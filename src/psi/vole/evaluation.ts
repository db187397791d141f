/**
 * The oblivious function of VOLE-PSI on the items of one party, bin by bin.
 *
 *     F(y) = H( Decode(B', y) − Δ·H_B(y) ) = H( Decode(C, y) )  for an item y of the receiver
 *
 * One seed of 128 bits, drawn by the receiver when its items are fixed, keys both hashes: BLAKE2s with
 * 256 bits out gives H_B(y), 16 bytes, and the place of y in the store; H is BLAKE2s-128.
 * @module
 */
import { check } from '../../base/errors.ts';
import { Blake2s } from '../../kernels/blake2s.ts';
import { OkvsBin, OkvsBins, ROW_BYTES } from '../../kernels/okvs.ts';
import type { VoleParameters } from './parameters.ts';

const ITEM = 16;
const CHUNK_ITEMS = 4096;

export type ItemBins = Disposable & {
  readonly bins: OkvsBins;
  /** For one bin at a time. */
  readonly bin: OkvsBin;
};

/** Hashes items of 16 bytes into the bins of a session. */
export function binItems(
  items: Uint8Array,
  seed: Uint8Array,
  { bins: count, sparse }: VoleParameters,
  capacity: number,
): ItemBins {
  const sizes = { sparse, capacity };
  using hash = new Blake2s({ digestBytes: 32, person: 'kk-row01', key: seed });
  const bins = new OkvsBins(count, sizes);
  const digests = new Uint8Array(2 * CHUNK_ITEMS * ITEM);
  for (let from = 0; from < items.length; from += CHUNK_ITEMS * ITEM) {
    const part = items.subarray(from, from + CHUNK_ITEMS * ITEM);
    const hashes = hash.hash16(part, digests.subarray(0, 2 * part.length));
    // Probability 2^-43: see parameters.ts.
    check(bins.add(hashes), 'INTERNAL', 'a bin overflows');
  }
  const bin = new OkvsBin(sizes);
  return {
    bins,
    bin,
    [Symbol.dispose]: () => {
      bins[Symbol.dispose]();
      bin[Symbol.dispose]();
    },
  };
}

/** H, the last step. */
export const outputHash = (seed: Uint8Array): Blake2s =>
  new Blake2s({ digestBytes: 16, person: 'kk-out01', key: seed });

/** H_B of each row, written to the front of `to`. */
export function valuesOf(rows: Uint8Array, to: Uint8Array): Uint8Array {
  const words = new Uint32Array(rows.buffer, rows.byteOffset, rows.length / 4);
  const out = new Uint32Array(to.buffer, to.byteOffset, words.length / 2);
  for (let from = 0, at = 0; from < words.length; from += ROW_BYTES / 4) {
    out[at++] = words[from] as number;
    out[at++] = words[from + 1] as number;
    out[at++] = words[from + 2] as number;
    out[at++] = words[from + 3] as number;
  }
  return to.subarray(0, rows.length / 2);
}

/** Writes the outputs of a bin's rows to the places of their items. */
export function place(rows: Uint8Array, outputs: Uint8Array, to: Uint32Array): void {
  const row = new Uint32Array(rows.buffer, rows.byteOffset, rows.length / 4);
  const words = new Uint32Array(outputs.buffer, outputs.byteOffset, outputs.length / 4);
  for (let i = 0; 4 * i < words.length; i += 1) {
    const at = 4 * (row[8 * i + 7] as number);
    to[at] = words[4 * i] as number;
    to[at + 1] = words[4 * i + 1] as number;
    to[at + 2] = words[4 * i + 2] as number;
    to[at + 3] = words[4 * i + 3] as number;
  }
}
