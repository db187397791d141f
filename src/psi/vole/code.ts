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
import { check } from '../../base/errors.ts';
import { ExpandConvolute, type Stream } from '../../kernels/expand-convolute.ts';
import { CODE_WEIGHT } from './parameters.ts';

const WORD = 16;
const BATCH = 65536;
export const CODE_SEED_BYTES = 16;

const ZEROS = new Uint8Array(BATCH);

/** The sums whose words follow each other in the stream: all for the first tap, all for the second, ... */
const LAYOUT = 2 ** 18;

/** Stream `number` of a public seed, 2^32 blocks each, from its byte `start` on. */
function publicStream(seed: Uint8Array, number: number, start = 0): Stream {
  const counter = new Uint8Array(WORD);
  counter[0] = number;
  new DataView(counter.buffer).setUint32(WORD - 4, Math.floor(start / WORD));
  const cipher = createCipheriv('aes-128-ctr', seed, counter);
  cipher.update(ZEROS.subarray(0, start % WORD));
  return (bytes) => cipher.update(ZEROS.subarray(0, bytes));
}

/**
 * One vector, or two that are compressed side by side, of which the second is sparse. Load all elements, then
 * `take` from the front.
 */
export class NoiseCode implements Disposable {
  readonly #seed: Uint8Array;
  readonly #half: number;
  readonly #right: ExpandConvolute;
  /** The left half of the first vector, element by element replaced by outputs. */
  readonly #left: Uint8Array;
  /** What is not zero of the left half of the second one. */
  readonly #sparse: { readonly at: number; readonly elements: Uint8Array }[] = [];
  /** Outputs of the second vector, from the one numbered `#kept` on. */
  readonly #second: Uint8Array;
  #kept = 0;
  #convolved = false;
  /** Outputs made so far; how many of them were taken. */
  #made = 0;
  #taken = 0;

  /** `half` outputs from vectors of 2 · `half` elements. */
  constructor(seed: Uint8Array, half: number, lanes: 1 | 2) {
    this.#seed = seed;
    this.#half = half;
    this.#right = new ExpandConvolute(half, lanes);
    this.#left = new Uint8Array(half * WORD);
    const room = Math.min(half, 2 * this.#right.mostSums);
    this.#second = new Uint8Array(lanes === 1 ? 0 : room * WORD);
  }

  /** Elements from place `at` on of a vector; a call stays within one half. */
  load(lane: 0 | 1, at: number, elements: Uint8Array): void {
    if (at >= this.#half) this.#right.load(lane, at - this.#half, elements);
    else if (lane === 0) this.#left.set(elements, at * WORD);
    else this.#sparse.push({ at, elements: elements.slice() });
  }

  /** The next `count` outputs of each vector, 2^20 at most: views, the caller's until the next call. */
  take(count: number): Uint8Array[] {
    check(count <= this.#right.mostSums, 'INVALID_PARAMETER', `${count} outputs`);
    while (this.#made < this.#taken + count) this.#make();
    const [from, to] = [this.#taken, this.#taken + count];
    this.#taken = to;
    const first = this.#left.subarray(from * WORD, to * WORD);
    if (this.#right.lanes === 1) return [first];
    const [start, end] = [from - this.#kept, to - this.#kept];
    return [first, this.#second.subarray(start * WORD, end * WORD)];
  }

  #make(): void {
    if (!this.#convolved) {
      this.#right.convolve(publicStream(this.#seed, 0));
      this.#right.convolve(publicStream(this.#seed, 1));
      this.#convolved = true;
    }
    const count = Math.min(this.#right.mostSums, this.#half - this.#made);
    const sums = [this.#left.subarray(this.#made * WORD, (this.#made + count) * WORD)];
    if (this.#right.lanes === 2) sums.push(this.#sparseSums(count));
    const parts = Array.from({ length: CODE_WEIGHT }, (_, tap) => this.#words(tap, this.#made));
    this.#right.expand(sums, parts);
    this.#made += count;
  }

  /** The words of a tap for all sums from `first` on, which is a multiple of LAYOUT. */
  #words(tap: number, first: number): Stream {
    let next = first;
    let stream: Stream | undefined;
    return (bytes) => {
      if (stream === undefined || next % LAYOUT === 0) {
        const sums = Math.min(LAYOUT, this.#half - next);
        stream = publicStream(this.#seed, 2, 4 * (CODE_WEIGHT * next + tap * sums));
      }
      next += bytes / 4;
      return stream(bytes);
    };
  }

  /** The next `count` elements of the second vector's left half, behind what was made and not taken. */
  #sparseSums(count: number): Uint8Array {
    this.#second.copyWithin(0, (this.#taken - this.#kept) * WORD, (this.#made - this.#kept) * WORD);
    this.#kept = this.#taken;
    const start = (this.#made - this.#kept) * WORD;
    const sums = this.#second.subarray(start, start + count * WORD).fill(0);
    for (const { at, elements } of this.#sparse) {
      const from = Math.max(at, this.#made);
      const to = Math.min(at + elements.length / WORD, this.#made + count);
      if (from >= to) continue;
      sums.set(elements.subarray((from - at) * WORD, (to - at) * WORD), (from - this.#made) * WORD);
    }
    return sums;
  }

  [Symbol.dispose](): void {
    this.#right[Symbol.dispose]();
    this.#left.fill(0);
    this.#second.fill(0);
    for (const { elements } of this.#sparse) elements.fill(0);
  }
}
