/**
 * Noise correlations for a silent VOLE: 384 trees, in each of which the chooser knows all leaves but one and
 * has β Δ added there (Boyle et al., ePrint 2019/1159; regular noise, one position a tree).
 *
 * The holder of Δ has leaves v, the chooser leaves w and the sparse vector e = (β_k at α_k) with
 *     w = v + e Δ.
 * Trees are handled in groups of a few MiB: one message a group, so that both sides work at once.
 *
 *     chooser: α_k, β_k at random                         holder: seeds of trees at random
 *              (correlated OTs on the complements of the bits of α_k, and on the bits of β_k)
 *              ◀── for each level l: the sums of left and right nodes, masked by H(q), H(q + Δ);
 *                  and the sum of all leaves + δ_k, where γ_k = δ_k + β_k Δ ──
 *     w_k at α_k so that the sum of w_k is the sum of v_k + β_k Δ
 *
 * Assumption  H = BLAKE2s as a random oracle; the trees of kernels/ggm.ts.
 * @module
 */
import { Blake2s } from '../../kernels/blake2s.ts';
import { evaluateAtX } from '../../kernels/gf128.ts';
import { type GgmForest, ggmWidths } from '../../kernels/ggm.ts';
import type { Rng } from '../../base/rng.ts';
import { TREES, type VoleParameters } from './parameters.ts';

const WORD = 16;
const BLOCK = 64;
const ELEMENT_BITS = 128;
/** Leaves of a group: 1 MiB of them. */
const GROUP_LEAVES = 65536;

export type TreeSizes = {
  readonly leaves: number;
  readonly height: number;
  /** Trees of a group: divides half of all trees, as the code's input has two halves. */
  readonly group: number;
  /** Correlated OTs in all. */
  readonly correlations: number;
  /** Bytes of a group's message. */
  readonly messageBytes: number;
};

/** Bytes of the message of so many trees. */
export const groupMessageBytes = (group: number, height: number): number =>
  group * WORD * (2 * height + 1);

export function treeSizes({ leaves }: VoleParameters): TreeSizes {
  const height = ggmWidths(leaves).length - 1;
  let group = TREES / 2;
  while (group > 1 && ((TREES / 2) % group !== 0 || group * leaves > GROUP_LEAVES)) group -= 1;
  return {
    leaves,
    height,
    group,
    correlations: TREES * (height + ELEMENT_BITS),
    messageBytes: groupMessageBytes(group, height),
  };
}

const xorInto = (to: Uint8Array, at: number, from: Uint8Array, start: number): void => {
  for (let k = 0; k < WORD; k += 1)
    to[at + k] = (to[at + k] as number) ^ (from[start + k] as number);
};

/** H(j, word_j) for the words of the transfers. */
function padsOf(words: Uint8Array): Uint8Array {
  const count = words.length / WORD;
  const blocks = new Uint8Array(count * BLOCK);
  const view = new DataView(blocks.buffer);
  for (let j = 0; j < count; j += 1) {
    blocks.set(words.subarray(j * WORD, (j + 1) * WORD), j * BLOCK);
    view.setUint32(j * BLOCK + WORD, j, true);
  }
  using hash = new Blake2s({ digestBytes: 16, person: 'kk-cot01' });
  const pads = hash.hashBlocks(blocks, new Uint32Array(count).fill(WORD + 4));
  blocks.fill(0);
  return pads;
}

/** Σ_b x^b of 128 correlations in a row, for each tree, behind the transfers. */
function elementsOf(words: Uint8Array, { height }: TreeSizes): Uint8Array {
  const out = new Uint8Array(TREES * WORD);
  const each = ELEMENT_BITS * WORD;
  for (let k = 0; k < TREES; k += 1) {
    const from = TREES * height * WORD + k * each;
    out.set(evaluateAtX(words.subarray(from, from + each)), k * WORD);
  }
  return out;
}

/** The chooser's secret noise. */
export type Noise = {
  /** One position a tree. */
  readonly positions: Uint32Array;
  /** 16 bytes a tree. */
  readonly values: Uint8Array;
};

/** Uniform positions by rejection, uniform values. */
export function drawNoise({ leaves, height }: TreeSizes, rng: Rng): Noise {
  const mask = 2 ** height - 1;
  const positions = new Uint32Array(TREES);
  for (let k = 0; k < TREES; ) {
    const draws = new Uint32Array(rng(4 * (TREES - k)).slice().buffer);
    for (const draw of draws) {
      if ((draw & mask) < leaves) positions[k++] = draw & mask;
    }
  }
  return { positions, values: rng(TREES * WORD) };
}

/** The choice bits of all correlations: complements of path bits, then the bits of the values. */
export function noiseChoices({ positions, values }: Noise, { height }: TreeSizes): Uint8Array {
  const paths = (TREES * height) / 8;
  const bits = new Uint8Array(paths + values.length);
  positions.forEach((position, k) => {
    for (let level = 1; level <= height; level += 1) {
      const j = k * height + level - 1;
      const bit = ((position >>> (height - level)) & 1) ^ 1;
      bits[j >> 3] = (bits[j >> 3] as number) | (bit << (j & 7));
    }
  });
  bits.set(values, paths);
  return bits;
}

/** What the holder needs for all trees. */
export type HolderTrees = {
  readonly pads: readonly [Uint8Array, Uint8Array];
  readonly shares: Uint8Array;
};

export function holderTrees(q: Uint8Array, delta: Uint8Array, sizes: TreeSizes): HolderTrees {
  const zero = q.slice(0, TREES * sizes.height * WORD);
  const one = zero.slice();
  for (let at = 0; at < one.length; at += WORD) xorInto(one, at, delta, 0);
  return { pads: [padsOf(zero), padsOf(one)], shares: elementsOf(q, sizes) };
}

export type GroupInputs = readonly [Uint8Array, Uint8Array, Uint8Array, Uint8Array];

/** The part of group `g` of what there is `each` bytes of for a tree. */
const partOf = (all: Uint8Array, g: number, group: number, each: number): Uint8Array =>
  all.slice(g * group * each, (g + 1) * group * each);

/** What growing group `g` takes: seeds, both pads, shares. Secret copies. */
export const growInputs = (
  g: number,
  { pads: [zero, one], shares }: HolderTrees,
  { height, group }: TreeSizes,
  seeds: Uint8Array,
): GroupInputs => [
  seeds,
  partOf(zero, g, group, height * WORD),
  partOf(one, g, group, height * WORD),
  partOf(shares, g, group, WORD),
];

/** Grows the trees of a group; writes its message and gives the leaves v, a view until the next use of `forest`. */
export function growGroup(
  [seeds, zero, one, shares]: GroupInputs,
  forest: GgmForest,
  message: Uint8Array,
): Uint8Array {
  const { trees: group, height } = forest;
  const { leaves, sums } = forest.whole(seeds, (level, both) => {
    for (let k = 0; k < group; k += 1) {
      const at = ((level - 1) * group + k) * 2 * WORD;
      const pad = (k * height + level - 1) * WORD;
      message.set(both.subarray(2 * k * WORD, 2 * (k + 1) * WORD), at);
      xorInto(message, at, zero, pad);
      xorInto(message, at + WORD, one, pad);
    }
  });
  const tail = 2 * height * group * WORD;
  message.set(sums, tail);
  for (let k = 0; k < group; k += 1) {
    xorInto(message, tail + k * WORD, shares, k * WORD);
  }
  return leaves;
}

/** What the chooser needs for all trees. */
export type ChooserTrees = {
  readonly noise: Noise;
  readonly pads: Uint8Array;
  readonly shares: Uint8Array;
};

export function chooserTrees(t: Uint8Array, noise: Noise, sizes: TreeSizes): ChooserTrees {
  const pads = padsOf(t.subarray(0, TREES * sizes.height * WORD));
  return { noise, pads, shares: elementsOf(t, sizes) };
}

/** What regrowing group `g` takes: positions, pads, shares, secret copies; and the holder's message. */
export const regrowInputs = (
  g: number,
  { noise, pads, shares }: ChooserTrees,
  { height, group }: TreeSizes,
  message: Uint8Array,
): GroupInputs => [
  new Uint8Array(noise.positions.slice(g * group, (g + 1) * group).buffer),
  partOf(pads, g, group, height * WORD),
  partOf(shares, g, group, WORD),
  message,
];

/** The leaves w of a group from the holder's message: a view, until the next use of `forest`. */
export function regrowGroup(
  [positions, pads, shares, message]: GroupInputs,
  forest: GgmForest,
): Uint8Array {
  const { trees: group, height } = forest;
  const punctures = new Uint32Array(positions.slice().buffer);
  const known = Array.from({ length: height }, (_, l) => {
    const sums = new Uint8Array(group * WORD);
    for (let k = 0; k < group; k += 1) {
      const at = (l * group + k) * 2 * WORD;
      // The complement of the path bit, as a mask: one of the two sums can be opened.
      const mask = (((punctures[k] as number) >>> (height - l - 1)) & 1) - 1;
      const pad = (k * height + l) * WORD;
      for (let b = 0; b < WORD; b += 1) {
        const left = message[at + b] as number;
        const right = message[at + WORD + b] as number;
        sums[k * WORD + b] = left ^ (mask & (left ^ right)) ^ (pads[pad + b] as number);
      }
    }
    return sums;
  });
  const totals = message.slice(2 * height * group * WORD);
  for (let k = 0; k < group; k += 1) xorInto(totals, k * WORD, shares, k * WORD);
  return forest.punctured(punctures, known, totals).leaves;
}
