/**
 * Correlated oblivious transfers from 128 base transfers: SoftSpokenOT with 4-bit blocks (Roy, CRYPTO 2022,
 * ePrint 2022/192, figures 8 and 10), semi-honest: no consistency check.
 *
 * The holder has Δ (128 bits), the chooser bits r_0, r_1, …; they get q_j and t_j in GF(2)^128 with
 *     q_j = t_j + r_j Δ.
 * Read over GF(2^128), 128 of them in a row with the bits of an element β also give
 *     Σ x^b q_b = Σ x^b t_b + β Δ,
 * so that the trees of a silent VOLE and its noise values come from one Δ, as in Ferret (ePrint 2020/924).
 *
 * Assumption  AES-128 in counter mode and the trees of kernels/ggm.ts are pseudorandom generators.
 * Cost        32 bits of traffic a correlation; the chooser sends one message.
 *
 *     chooser: 32 trees of 16 leaves                 holder: the same trees without leaf Δ_i
 *                ───── sums of levels, masked by the base pads; d_i = Σ_x G(leaf_i,x) + r ─────▶
 *     t rows 4i..4i+3 = bits of Σ_x x G(leaf_i,x)     q rows = bits of Σ_x (x − Δ_i) G(leaf_i,x), + Δ_i d_i
 *
 * Timing      Δ and the choices decide neither branches nor addresses: bits become masks.
 * @module
 */
import { createCipheriv } from 'node:crypto';
import { check } from '../../base/errors.ts';
import type { Rng } from '../../base/rng.ts';
import { GgmForest } from '../../kernels/ggm.ts';
import { BASE_OTS } from './base-ot.ts';

const BLOCK_BITS = 4;
const BLOCKS = BASE_OTS / BLOCK_BITS;
const LEAVES = 1 << BLOCK_BITS;
const WORD = 16;
/** The masked sums: two for each base transfer. */
const SUMS_BYTES = 2 * BASE_OTS * WORD;

/** Bytes of the chooser's message for `count` correlations. */
export const extensionBytes = (count: number): number => SUMS_BYTES + (BLOCKS * count) / 8;

const wordsOf = (bytes: Uint8Array): Uint32Array =>
  new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);

/** The stream of a leaf, which is used for this one only. */
function stream(leaf: Uint8Array, length: number): Uint32Array {
  const cipher = createCipheriv('aes-128-ctr', leaf, new Uint8Array(WORD));
  const out = new Uint8Array(length);
  out.set(cipher.update(out));
  return wordsOf(out);
}

/** rows[b] += bits where bit b of x is set, without a branch on x. */
function addScaled(rows: readonly Uint32Array[], x: number, bits: Uint32Array): void {
  rows.forEach((row, b) => {
    const mask = -((x >> b) & 1);
    for (let w = 0; w < row.length; w += 1) {
      row[w] = (row[w] as number) ^ ((bits[w] as number) & mask);
    }
  });
}

/** In place: 32 words as a matrix of bits, bit 0 first (Warren, Hacker's Delight, section 7-3). */
function transpose32(block: Uint32Array): void {
  for (let j = 16, mask = 0xffff; j > 0; j >>= 1, mask ^= mask << j) {
    for (let k = 0; k < 32; k = ((k | j) + 1) & ~j) {
      const [low, high] = [block[k] as number, block[k + j] as number];
      const swap = ((low >>> j) ^ high) & mask;
      block[k] = low ^ (swap << j);
      block[k + j] = high ^ swap;
    }
  }
}

/** 128 rows of bits to columns of 16 bytes. */
function columnsOf(rows: readonly Uint32Array[], count: number): Uint8Array {
  const columns = new Uint32Array(4 * count);
  const block = new Uint32Array(32);
  for (let w = 0; w < count / 32; w += 1) {
    for (let quarter = 0; quarter < 4; quarter += 1) {
      for (let k = 0; k < 32; k += 1) block[k] = rows[32 * quarter + k]?.[w] as number;
      transpose32(block);
      for (let k = 0; k < 32; k += 1) columns[4 * (32 * w + k) + quarter] = block[k] as number;
    }
  }
  for (const row of rows) row.fill(0);
  return new Uint8Array(columns.buffer);
}

const emptyRows = (count: number): Uint32Array[] =>
  Array.from({ length: BASE_OTS }, () => new Uint32Array(count / 32));

/** Base transfer 4i + l belongs to level l + 1 of tree i: the most significant bit of a leaf first. */
const baseIndex = (tree: number, level: number): number => BLOCK_BITS * tree + level - 1;

/** Half a byte of Δ: bits 4i to 4i + 3. */
const nibble = (delta: Uint8Array, i: number): number =>
  ((delta[i >> 1] as number) >> (4 * (i & 1))) & 15;

/**
 * Which base pads the holder of Δ must choose: at each level of a tree the side that is off the path to the leaf
 * Δ_i, so the complement of the path bit.
 */
export function baseChoices(delta: Uint8Array): Uint8Array {
  const choices = new Uint8Array(BASE_OTS / 8);
  for (let i = 0; i < BLOCKS; i += 1) {
    for (let level = 1; level <= BLOCK_BITS; level += 1) {
      const bit = ((nibble(delta, i) >> (BLOCK_BITS - level)) & 1) ^ 1;
      const at = baseIndex(i, level);
      choices[at >> 3] = (choices[at >> 3] as number) | (bit << (at & 7));
    }
  }
  return choices;
}

function checkCount(count: number): void {
  check(count > 0 && count % 128 === 0, 'INVALID_PARAMETER', `${count} correlations`);
}

/** The chooser's side: `pads` both base pads of each transfer, `bits` the choices, eight a byte. */
export function extendChooser(
  pads: Uint8Array,
  bits: Uint8Array,
  rng: Rng,
): { readonly message: Uint8Array; readonly t: Uint8Array } {
  const count = 8 * bits.length;
  checkCount(count);
  using forest = new GgmForest(BLOCKS, LEAVES);
  const message = new Uint8Array(extensionBytes(count));
  const { leaves } = forest.whole(rng(BLOCKS * WORD), (level, sums) => {
    for (let i = 0; i < BLOCKS; i += 1) {
      const at = 2 * baseIndex(i, level) * WORD;
      for (let k = 0; k < 2 * WORD; k += 1) {
        message[at + k] = (sums[2 * i * WORD + k] as number) ^ (pads[at + k] as number);
      }
    }
  });
  const choices = wordsOf(bits.slice());
  const rows = emptyRows(count);
  for (let i = 0; i < BLOCKS; i += 1) {
    const difference = choices.slice();
    for (let x = 0; x < LEAVES; x += 1) {
      const leaf = leaves.subarray((i * LEAVES + x) * WORD, (i * LEAVES + x + 1) * WORD);
      const bits = stream(leaf, count / 8);
      addScaled([difference], 1, bits);
      addScaled(rows.slice(BLOCK_BITS * i, BLOCK_BITS * (i + 1)), x, bits);
    }
    message.set(new Uint8Array(difference.buffer), SUMS_BYTES + (i * count) / 8);
  }
  leaves.fill(0);
  return { message, t: columnsOf(rows, count) };
}

/** The holder's side: `pads` the base pads that `baseChoices(delta)` picked. */
export function extendHolder(
  delta: Uint8Array,
  pads: Uint8Array,
  message: Uint8Array,
  count: number,
): Uint8Array {
  checkCount(count);
  check(message.length === extensionBytes(count), 'MALFORMED_MESSAGE', 'extension length');
  const choices = baseChoices(delta);
  const known = Array.from({ length: BLOCK_BITS }, (_, l) => {
    const level = new Uint8Array(BLOCKS * WORD);
    for (let i = 0; i < BLOCKS; i += 1) {
      const at = baseIndex(i, l + 1);
      const mask = -(((choices[at >> 3] as number) >> (at & 7)) & 1);
      for (let k = 0; k < WORD; k += 1) {
        const left = message[2 * at * WORD + k] as number;
        const right = message[(2 * at + 1) * WORD + k] as number;
        level[i * WORD + k] = left ^ (mask & (left ^ right)) ^ (pads[at * WORD + k] as number);
      }
    }
    return level;
  });
  using forest = new GgmForest(BLOCKS, LEAVES);
  const punctures = Uint32Array.from({ length: BLOCKS }, (_, i) => nibble(delta, i));
  const { leaves } = forest.punctured(punctures, known);
  const rows = emptyRows(count);
  for (let i = 0; i < BLOCKS; i += 1) {
    const block = rows.slice(BLOCK_BITS * i, BLOCK_BITS * (i + 1));
    for (let x = 0; x < LEAVES; x += 1) {
      const leaf = leaves.subarray((i * LEAVES + x) * WORD, (i * LEAVES + x + 1) * WORD);
      // The unknown leaf, x = Δ_i, has the factor zero.
      addScaled(block, x ^ nibble(delta, i), stream(leaf, count / 8));
    }
    const from = SUMS_BYTES + (i * count) / 8;
    addScaled(block, nibble(delta, i), wordsOf(message.slice(from, from + count / 8)));
  }
  leaves.fill(0);
  return columnsOf(rows, count);
}
