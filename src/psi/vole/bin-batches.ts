/**
 * What both parties do with items and bins (evaluation.ts), as batches of one item:
 *
 *     vole-rows           [items, seed]                              → 32 bytes an item: value and place
 *     vole-receiver-bin   [rows, C, A, seed]                         → A − P, then F(x) of each row
 *     vole-sender-bin     [rows, B, A − P, seed, Δ]                  → B', then F(y) of each row
 *
 * All but the seed and A − P are secret. What a batch leaves in the memory of a kernel is wiped.
 * @module
 */
import type { BatchHandler } from '../../base/batches.ts';
import type { Cbor } from '../../base/codec.ts';
import { check } from '../../base/errors.ts';
import { Blake2s } from '../../kernels/blake2s.ts';
import { FixedFactor } from '../../kernels/gf128.ts';
import { DENSE_COLUMNS, OkvsBin, ROW_BYTES } from '../../kernels/okvs.ts';
import { inputOf, numberOf } from '../threads.ts';

const WORD = 16;

let last: { readonly sparse: number; readonly capacity: number; readonly bin: OkvsBin } | undefined;

/** Megabytes of zeros are not asked for with every bin: the last one is kept, and wiped after each use. */
function binOf(params: Cbor): OkvsBin {
  const sizes = { sparse: numberOf(params, 'sparse'), capacity: numberOf(params, 'capacity') };
  if (last?.sparse !== sizes.sparse || last.capacity !== sizes.capacity)
    last = { ...sizes, bin: new OkvsBin(sizes) };
  return last.bin;
}

/** Bytes of the columns of a bin, behind which the outputs are in a result. */
const columnBytes = (params: Cbor): number => (numberOf(params, 'sparse') + DENSE_COLUMNS) * WORD;

/** Bytes of a result: for a bin that is full. */
export const binResultBytes = (sizes: { sparse: number; capacity: number }): number =>
  columnBytes(sizes) + sizes.capacity * WORD;

const binSize: BatchHandler['size'] = (params) => ({
  items: 1,
  itemBytes: columnBytes(params) + numberOf(params, 'capacity') * WORD,
});

/** H, the last step. */
const outputHash = (seed: Uint8Array): Blake2s =>
  new Blake2s({ digestBytes: 16, person: 'kk-out01', key: seed });

const rows: BatchHandler = {
  size: (params) => ({ items: 1, itemBytes: numberOf(params, 'count') * ROW_BYTES }),
  fill: (inputs, params, out) => {
    const items = inputOf(inputs, 0, numberOf(params, 'count') * WORD);
    using hash = new Blake2s({ digestBytes: 32, person: 'kk-row01', key: inputOf(inputs, 1) });
    hash.hash16(items, out.subarray(0, 2 * items.length));
  },
};

/** to = a − p. */
function subtract(a: Uint8Array, p: Uint8Array, to: Uint8Array): void {
  const [left, right, out] = [a, p, to].map(
    (bytes) => new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4),
  ) as [Uint32Array, Uint32Array, Uint32Array];
  for (let i = 0; i < out.length; i += 1) out[i] = (left[i] as number) ^ (right[i] as number);
}

const receiverBin: BatchHandler = {
  size: binSize,
  fill: (inputs, params, out) => {
    const size = columnBytes(params);
    const [given, c, a] = [inputOf(inputs, 0), inputOf(inputs, 1, size), inputOf(inputs, 2, size)];
    using bin = binOf(params);
    using hash = outputHash(inputOf(inputs, 3));
    const p = bin.encode(given);
    check(p !== undefined, 'INTERNAL', 'a bin has no encoding');
    subtract(a, p, out.subarray(0, size));
    // The encoding is not there any more from here on: both are in the same place.
    const decoded = bin.decode(given, c);
    hash.hash16(decoded, out.subarray(size, size + decoded.length));
  },
};

/** H_B of each row, written to `to`. */
function valuesOf(given: Uint8Array, to: Uint8Array): Uint8Array {
  const words = new Uint32Array(given.buffer, given.byteOffset, given.length / 4);
  const out = new Uint32Array(to.buffer, to.byteOffset, words.length / 2);
  for (let from = 0, at = 0; from < words.length; from += ROW_BYTES / 4) {
    out[at++] = words[from] as number;
    out[at++] = words[from + 1] as number;
    out[at++] = words[from + 2] as number;
    out[at++] = words[from + 3] as number;
  }
  return to;
}

const senderBin: BatchHandler = {
  size: binSize,
  fill: (inputs, params, out) => {
    const size = columnBytes(params);
    const given = inputOf(inputs, 0);
    using bin = binOf(params);
    using hash = outputHash(inputOf(inputs, 3));
    using factor = new FixedFactor(inputOf(inputs, 4, WORD));
    const share = out.subarray(0, size);
    share.set(inputOf(inputs, 1, size));
    factor.addProduct(share, inputOf(inputs, 2, size));
    const decoded = bin.decode(given, share);
    const outputs = out.subarray(size, size + decoded.length);
    factor.addProduct(decoded, valuesOf(given, outputs));
    hash.hash16(decoded, outputs);
    share.fill(0);
  },
};

export const BIN_BATCHES = {
  'vole-rows': rows,
  'vole-receiver-bin': receiverBin,
  'vole-sender-bin': senderBin,
} as const;
