/**
 * A uniform permutation: Fisher and Yates, with indices drawn by rejection, so that none is more
 * likely than another. The order of memory accesses follows the permutation: it is hidden from the
 * peer, not from somebody who can watch this machine's caches.
 * @module
 */
import type { Rng } from '../../base/rng.ts';

/** Uniform 32-bit words from `rng`, drawn a block at a time. */
function wordsFrom(rng: Rng): () => number {
  let [block, at] = [new Uint8Array(0), 0];
  return () => {
    if (at === block.length) [block, at] = [new Uint8Array(rng(4096)), 0];
    const word = new DataView(block.buffer, block.byteOffset + at, 4).getUint32(0, true);
    at += 4;
    return word;
  };
}

/** The numbers 0 to n − 1 in random order. */
export function permutation(n: number, rng: Rng): Uint32Array {
  const order = Uint32Array.from({ length: n }, (_, i) => i);
  const next = wordsFrom(rng);
  for (let i = n - 1; i > 0; i--) {
    // The largest multiple of i + 1 up to 2^32: above it a remainder would be too likely.
    const limit = 2 ** 32 - (2 ** 32 % (i + 1));
    let word = next();
    while (word >= limit) word = next();
    const j = word % (i + 1);
    [order[i], order[j]] = [order[j] as number, order[i] as number];
  }
  return order;
}
