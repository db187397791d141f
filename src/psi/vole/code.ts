/**
 * The code that compresses sparse noise into pseudorandom correlations: a systematic expand-convolute
 * code of rate 1/2, transposed, over GF(2^128).
 *
 * Paper       [RRT23] Raghuraman, Rindal, Tanguy, CRYPTO 2023 (ePrint 2023/882). As in the public
 *             implementations of it: 24 taps, systematic, the expander taking one place from each of
 *             21 equal segments, the convolution applied twice.
 * Map         (l, r) ↦ l + E C₂ C₁ r. C: v_i += x v_(i-1) + Σ_{j<24} c_ij v_(i-2-j), c random bits;
 *             E: 21 places a row. All coefficients come from AES-128-CTR under a public seed.
 * Field-mixed x, which generates the multiplicative group, multiplies the running value at every
 *             step. With coefficients 0 and 1 only, the 128 bit planes of a vector would be 128 words
 *             of one binary code with errors at the same places, and linear algebra finds those
 *             places (test/adversary has that attack).
 * Assumption  dual LPN with regular noise over GF(2^128) for this code; its distance is not proved. Which weight
 *             is taken against which distance: parameters.ts.
 * @module
 */
import { createCipheriv } from 'node:crypto';
import { ExpandConvolute, type Stream } from '../../kernels/expand-convolute.ts';
import { CODE_WEIGHT } from './parameters.ts';

const WORD = 16;
const BATCH = 65536;
export const CODE_SEED_BYTES = 16;

/** Stream `number` of a public seed: 2^32 blocks each. */
function publicStream(seed: Uint8Array, number: number): Stream {
  const counter = new Uint8Array(WORD);
  counter[0] = number;
  const cipher = createCipheriv('aes-128-ctr', seed, counter);
  const zeros = new Uint8Array(BATCH);
  return (bytes) => cipher.update(zeros.subarray(0, bytes));
}

/** One vector, or two that are compressed side by side. Load all elements, then `take` from the front. */
export class NoiseCode implements Disposable {
  readonly #seed: Uint8Array;
  readonly #half: number;
  readonly #right: ExpandConvolute;
  readonly #left: readonly Uint8Array[];
  readonly #expander: Stream;
  #convolved = false;
  /** Outputs made so far; how many of them were taken. They replace the left half. */
  #made = 0;
  #taken = 0;

  /** `half` outputs from vectors of 2 · `half` elements. */
  constructor(seed: Uint8Array, half: number, lanes: 1 | 2) {
    this.#seed = seed;
    this.#half = half;
    this.#right = new ExpandConvolute(half, lanes);
    this.#left = Array.from({ length: lanes }, () => new Uint8Array(half * WORD));
    this.#expander = publicStream(seed, 2);
  }

  /** Elements from place `at` on of a vector; a call stays within one half. */
  load(lane: 0 | 1, at: number, elements: Uint8Array): void {
    if (at < this.#half) this.#left[lane]?.set(elements, at * WORD);
    else this.#right.load(lane, at - this.#half, elements);
  }

  /** The next `count` outputs of each vector: views, the caller's from now on. */
  take(count: number): Uint8Array[] {
    while (this.#made < this.#taken + count) this.#make();
    const [from, to] = [this.#taken, this.#taken + count];
    this.#taken = to;
    return this.#left.map((vector) => vector.subarray(from * WORD, to * WORD));
  }

  #make(): void {
    if (!this.#convolved) {
      this.#right.convolve(publicStream(this.#seed, 0));
      this.#right.convolve(publicStream(this.#seed, 1));
      this.#convolved = true;
    }
    const count = Math.min(this.#right.mostSums, this.#half - this.#made);
    const [from, to] = [this.#made * WORD, (this.#made + count) * WORD];
    const sums = this.#left.map((vector) => vector.subarray(from, to));
    this.#right.expand(sums, CODE_WEIGHT, this.#expander);
    this.#made += count;
  }

  [Symbol.dispose](): void {
    this.#right[Symbol.dispose]();
    for (const vector of this.#left) vector.fill(0);
  }
}
