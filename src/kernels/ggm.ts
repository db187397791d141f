/**
 * Binding for wasm/ggm: many binary trees from seeds to leaves (Goldreich, Goldwasser, Micali, J. ACM
 * 33 (1986)), whole, or punctured at one secret leaf each from the sums of the levels.
 *
 * A node s has the children AES_0(s) ^ s and AES_1(s) ^ s under two fixed public keys: the
 * construction of Guo, Katz, Wang, Yu, IEEE S&P 2020 (ePrint 2019/074), a pseudorandom generator when AES-128
 * under a fixed key is modelled as a random permutation. A level is encrypted as a whole through
 * node:crypto in batches of 64 KiB: one call for each block would cost 1.8 us.
 *
 * Contract  at least one tree of at least two leaves; trees · leaves ≤ 2^26. Level l of a tree has the
 *           ceil(leaves / 2^(height - l)) nodes that its leaves need.
 * Twin      reference/ggm.ts computes the same functions; test/kernels holds them equal.
 * Memory    one arena an instance, [nodes | children | encryptions], wiped by `dispose`.
 * Timing    nodes and positions of punctures decide neither branches nor addresses in the kernel;
 *           here a path bit picks one of two sums that lie in one cache line.
 * @module
 */
import { type Cipher, createCipheriv } from 'node:crypto';
import { utf8 } from '../base/bytes.ts';
import { check } from '../base/errors.ts';
import { Arena } from './arena.ts';

type Exports = {
  ggm_level(
    parents: number,
    left: number,
    right: number,
    children: number,
    trees: number,
    parentWidth: number,
    childWidth: number,
    unknown: number,
    sums: number,
  ): void;
  ggm_place(nodes: number, trees: number, width: number, at: number, values: number): void;
};

const NODE = 16;
const BATCH = 65536;
const NONE = 0xffffffff;
/** The keys of the two encryptions. */
const KEYS = [utf8('kakehashi/ggm/1L'), utf8('kakehashi/ggm/1R')] as const;

/** Nodes of each level of a tree with so many leaves, the root first. */
export function ggmWidths(leaves: number): number[] {
  const height = Math.ceil(Math.log2(leaves));
  return Array.from({ length: height + 1 }, (_, level) =>
    Math.ceil(leaves / 2 ** (height - level)),
  );
}

export type Leaves = {
  /** Tree by tree. A view, until the next use of the forest. */
  readonly leaves: Uint8Array;
  /** Of each tree the xor of its leaves. */
  readonly sums: Uint8Array;
};

const cipher = (key: Uint8Array): Cipher =>
  createCipheriv('aes-128-ecb', key, null).setAutoPadding(false);

export class GgmForest implements Disposable {
  readonly trees: number;
  readonly widths: readonly number[];
  readonly #arena: Arena<
    Exports,
    'nodes' | 'children' | 'left' | 'right' | 'unknown' | 'sums' | 'values'
  >;
  readonly #ciphers = KEYS.map(cipher);
  /** The regions swap roles at every level. */
  #parents: 'nodes' | 'children' = 'nodes';

  constructor(trees: number, leaves: number) {
    check(
      Number.isSafeInteger(trees * leaves) && trees > 0 && leaves > 1 && trees * leaves <= 2 ** 26,
      'INVALID_PARAMETER',
      `${trees} trees of ${leaves} leaves`,
    );
    this.trees = trees;
    this.widths = ggmWidths(leaves);
    const [level, above] = [leaves, this.widths.at(-2) ?? 1].map((width) => width * trees * NODE);
    this.#arena = new Arena('ggm', {
      nodes: level as number,
      children: level as number,
      left: above as number,
      right: above as number,
      unknown: 4 * trees,
      sums: 2 * NODE * trees,
      values: NODE * trees,
    });
  }

  get height(): number {
    return this.widths.length - 1;
  }

  /** Whole trees from `seeds`; `onLevel` sees the sums of level 1, 2, ... */
  whole(seeds: Uint8Array, onLevel: (level: number, sums: Uint8Array) => void): Leaves {
    this.#start(seeds);
    for (let level = 1; level <= this.height; level += 1) {
      this.#unknown().fill(NONE);
      this.#expand(level);
      onLevel(level, this.#arena.bytes('sums', 2 * NODE * this.trees).slice());
    }
    return this.#finish();
  }

  /**
   * Trees without the leaves `punctures`. `known[l - 1]` has for each tree the sum of that side of level
   * l which is off its path. The punctured leaf is set so that the sum of the tree's leaves is `totals[tree]`,
   * or to zero without them.
   */
  punctured(punctures: Uint32Array, known: readonly Uint8Array[], totals?: Uint8Array): Leaves {
    this.#start(new Uint8Array(this.trees * NODE));
    for (let level = 1; level <= this.height; level += 1) {
      const above = this.height - level + 1;
      const unknown = this.#unknown();
      for (let tree = 0; tree < this.trees; tree += 1) {
        // A tree is at most 2^26 leaves high, so that no shift reaches 32.
        unknown[tree] = (punctures[tree] as number) >>> above;
      }
      this.#expand(level);
      const sums = this.#arena.words('sums', 8 * this.trees);
      const given = new Uint32Array((known[level - 1] as Uint8Array).slice().buffer);
      const values = this.#arena.words('values', 4 * this.trees);
      for (let tree = 0; tree < this.trees; tree += 1) {
        const sibling = ((punctures[tree] as number) >>> (above - 1)) ^ 1;
        unknown[tree] = sibling;
        const side = 8 * tree + 4 * (sibling & 1);
        for (let k = 0; k < 4; k += 1) {
          values[4 * tree + k] = (given[4 * tree + k] as number) ^ (sums[side + k] as number);
          sums[side + k] = given[4 * tree + k] as number;
        }
      }
      this.#place(level);
    }
    if (totals !== undefined) this.#complete(punctures, totals);
    return this.#finish();
  }

  #complete(punctures: Uint32Array, totals: Uint8Array): void {
    const given = new Uint32Array(totals.slice().buffer);
    const sums = this.#arena.words('sums', 8 * this.trees);
    const values = this.#arena.words('values', 4 * this.trees);
    for (let i = 0; i < 4 * this.trees; i += 1) {
      const even = 2 * i - (i & 3);
      const missing = (given[i] as number) ^ (sums[even] as number) ^ (sums[even + 4] as number);
      values[i] = missing;
      sums[even] = (sums[even] as number) ^ missing;
    }
    this.#unknown().set(punctures);
    this.#place(this.height);
  }

  #start(roots: Uint8Array): void {
    check(roots.length === this.trees * NODE, 'INVALID_PARAMETER', `${roots.length} seed bytes`);
    this.#parents = 'nodes';
    this.#arena.bytes('nodes', roots.length).set(roots);
  }

  #unknown(): Uint32Array {
    return this.#arena.words('unknown', this.trees);
  }

  #expand(level: number): void {
    const [above, width] = [this.widths[level - 1] as number, this.widths[level] as number];
    const bytes = above * this.trees * NODE;
    const parents = this.#arena.bytes(this.#parents, bytes);
    (['left', 'right'] as const).forEach((side, k) => {
      const encrypted = this.#arena.bytes(side, bytes);
      for (let from = 0; from < bytes; from += BATCH) {
        const batch = parents.subarray(from, Math.min(bytes, from + BATCH));
        encrypted.set((this.#ciphers[k] as Cipher).update(batch), from);
      }
    });
    const children = this.#parents === 'nodes' ? 'children' : 'nodes';
    const { at, kernel } = this.#arena;
    kernel.ggm_level(
      ...([at[this.#parents], at.left, at.right, at[children], this.trees, above, width] as const),
      ...([at.unknown, at.sums] as const),
    );
    this.#parents = children;
  }

  #place(level: number): void {
    const { at, kernel } = this.#arena;
    const width = this.widths[level] as number;
    kernel.ggm_place(at[this.#parents], this.trees, width, at.unknown, at.values);
  }

  #finish(): Leaves {
    const bytes = (this.widths.at(-1) as number) * this.trees * NODE;
    const leaves = this.#arena.bytes(this.#parents, bytes);
    const both = this.#arena.words('sums', 8 * this.trees);
    const sums = Uint32Array.from(
      { length: 4 * this.trees },
      (_, i) => (both[2 * i - (i & 3)] as number) ^ (both[2 * i - (i & 3) + 4] as number),
    );
    return { leaves, sums: new Uint8Array(sums.buffer) };
  }

  [Symbol.dispose](): void {
    this.#arena.wipe();
  }
}
