/**
 * Uniform permutations from a random stream. The order of memory accesses follows the permutation: it is
 * hidden from the peer, not from somebody who can watch this machine's caches.
 * @module
 */
import { keyStream } from '../base/hash.ts';
import type { Rng } from '../base/rng.ts';
import { Secret } from '../base/secret.ts';

const MOST_WORDS = 1 << 16;
const LEAST_WORDS = 16;

/**
 * A permutation of 0 to n − 1 by Fisher and Yates (Knuth, TAOCP 2, 3.4.2, algorithm P), each choice uniform by
 * rejection. Words come from AES-256-CTR, a fresh key of `rng` for every 2n of them, 16 at least and 65,536 at most.
 */
export function permutation(n: number, rng: Rng): Uint32Array {
  let words = new Uint32Array(0);
  let at = 0;
  const batch = Math.min(MOST_WORDS, Math.max(LEAST_WORDS, 2 * n));
  const order = new Uint32Array(n);
  for (let i = 0; i < n; i += 1) order[i] = i;
  for (let i = n - 1; i > 0; i -= 1) {
    // All ones up to the highest bit of i: at most half of the draws are rejected.
    const mask = 0xffffffff >>> Math.clz32(i);
    let j: number;
    do {
      if (at === words.length) {
        using key = new Secret('shuffle key', rng(32));
        words = new Uint32Array(keyStream(key, 4 * batch).slice().buffer);
        at = 0;
      }
      j = (words[at] as number) & mask;
      at += 1;
    } while (j > i);
    const held = order[i] as number;
    order[i] = order[j] as number;
    order[j] = held;
  }
  words.fill(0);
  return order;
}
