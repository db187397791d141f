/**
 * The Merkle tree of RFC 9162 section 2.1 over leaf hashes, growing at its right edge.
 *
 * Every perfect subtree is hashed once, when its last leaf arrives, so that an append, a root of
 * any earlier size and a proof cost O(log n) hashes. 64 bytes a leaf in all.
 * @module
 */
import { check } from '../base/errors.ts';
import { emptyRoot, nodeHash } from './leaf.ts';

/** The largest power of two below `size`: where section 2.1.1 splits a list. `size` > 1. */
export function splitPoint(size: number): number {
  let k = 1;
  while (k * 2 < size) k *= 2;
  return k;
}

const isPowerOfTwo = (size: number): boolean => size === 1 || splitPoint(size) * 2 === size;

export class MerkleTree {
  /** levels[h][i] is the hash of leaves i·2^h up to (i+1)·2^h. */
  readonly #levels: Uint8Array[][] = [[]];

  get size(): number {
    return this.#levels[0]?.length ?? 0;
  }

  append(leaf: Uint8Array): void {
    let hash = leaf;
    for (let height = 0; ; height++) {
      const level = (this.#levels[height] ??= []);
      level.push(hash);
      const left = level.at(-2);
      if (level.length % 2 === 1 || left === undefined) return;
      hash = nodeHash(left, hash);
    }
  }

  /** MTH(D[start:end]) of section 2.1.1, where start is a multiple of a perfect subtree's size. */
  range(start: number, end: number): Uint8Array {
    const size = end - start;
    if (isPowerOfTwo(size) && start % size === 0) {
      const hash = this.#levels[Math.log2(size)]?.[start / size];
      check(hash !== undefined, 'INTERNAL', 'subtree of a log');
      return hash;
    }
    const middle = start + splitPoint(size);
    return nodeHash(this.range(start, middle), this.range(middle, end));
  }

  /** The root when the log had `size` entries. */
  root(size = this.size): Uint8Array {
    this.checkSize(size);
    return size === 0 ? emptyRoot() : this.range(0, size);
  }

  /** Refuses with INVALID_PARAMETER a size that the log has not reached. */
  checkSize(size: number): void {
    check(
      Number.isSafeInteger(size) && size >= 0 && size <= this.size,
      'INVALID_PARAMETER',
      `log of ${this.size} entries has no size ${size}`,
    );
  }
}
