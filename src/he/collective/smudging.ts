/**
 * Smudging noise: the centred sum of 8 uniform words of w bits, modulo each limb.
 *
 *     x = Σ_{k<8} u_k − 4 (2^w − 1),  u_k uniform in [0, 2^w):   symmetric, |x| ≤ 4 (2^w − 1),
 *                                                            variance 8 (4^w − 1) / 12
 *
 * w comes from security.ts, which says why this law and how wide. The words are the AES-256-CTR
 * key stream of a fresh seed: 64 bytes a coefficient. No rejection, no branch on a drawn bit.
 *
 * Exactness: low halves of 32 bits sum below 2^35, high halves of w − 32 ≤ 29 bits below 2^32, both
 * exact in doubles; the sum is carried into two words (H, L) and reduced as H 2^32 + L modulo q_i.
 * @module
 */
import { keyStream } from '../../base/hash.ts';
import type { Rng } from '../../base/rng.ts';
import { Secret } from '../../base/secret.ts';
import { type Coefficients, type Ring, wipe } from '../ring/polynomial.ts';
import { wordsOf } from '../ring/words.ts';
import { type Smudging, SMUDGING_WORDS } from '../security.ts';

const WORD = 2 ** 32;

/** One polynomial with coefficients of the law. The caller wipes it. */
export function smudgingNoise(ring: Ring, { wordBits, tail }: Smudging, rng: Rng): Coefficients {
  const { n, limbs } = ring.parameters;
  using seed = new Secret('smudging seed', rng(32));
  const stream = keyStream(seed, 8 * SMUDGING_WORDS * n);
  const words = wordsOf(stream);
  const mask = 2 ** (wordBits - 32) - 1;
  const [high, low] = [new Uint32Array(n), new Uint32Array(n)];
  for (let j = 0, at = 0; j < n; j++) {
    let lowSum = 0;
    let highSum = 0;
    for (let k = 0; k < SMUDGING_WORDS; k++, at += 2) {
      lowSum += words[at] as number;
      highSum += (words[at + 1] as number) & mask;
    }
    low[j] = lowSum; // the store takes it mod 2^32
    high[j] = highSum + Math.floor(lowSum / WORD);
  }
  const scaledHigh = ring.scaleWords(
    high,
    limbs.map(({ q }) => WORD % q),
  );
  const reducedLow = ring.scaleWords(
    low,
    limbs.map(() => 1),
  );
  const sum = ring.add(scaledHigh, reducedLow);
  const centre = ring.coefficients(({ q }) => new Uint32Array(n).fill(Number(tail % BigInt(q))));
  const noise = ring.subtract(sum, centre);
  for (const secret of [stream, words, high, low]) secret.fill(0);
  wipe(scaledHigh, reducedLow, sum);
  return noise;
}
