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
 * Threads     a vector is convolved by one, outputs are made by all: code-batches.ts. The vectors are in memory that
 *             they share; the result does not depend on how many they are.
 * @module
 */
import { ownThread, type ThreadedBatches } from '../../base/batches.ts';
import { check } from '../../base/errors.ts';
import type { ExpandConvolute } from '../../kernels/expand-convolute.ts';
import {
  CODE_BATCHES,
  codeMemory,
  type CodeSizes,
  MOST_OUTPUTS,
  secondRoom,
} from './code-batches.ts';

const WORD = 16;
/** Outputs that a thread makes at least, and a multiple of which it makes. */
const GRAIN = 16384;

/**
 * One vector, or two that are compressed side by side, of which the second is sparse. Load all elements, then
 * `take` from the front.
 */
export class NoiseCode implements Disposable {
  readonly #seed: Uint8Array;
  readonly #sizes: CodeSizes;
  readonly #batches: ThreadedBatches;
  /** The left half of the first vector is there element by element replaced by outputs. */
  readonly #memory: ExpandConvolute;
  /** What is not zero of the left half of the second one. */
  readonly #sparse: { readonly at: number; readonly elements: Uint8Array }[] = [];
  /** Outputs of the second vector are there from the one numbered `#kept` on. */
  #kept = 0;
  #convolved = false;
  /** Outputs made so far; how many of them were taken. */
  #made = 0;
  #taken = 0;

  /** `half` outputs, a multiple of four, from vectors of 2 · `half` elements. */
  constructor(
    seed: Uint8Array,
    half: number,
    lanes: 1 | 2,
    batches: ThreadedBatches = ownThread(CODE_BATCHES),
  ) {
    check(half % 4 === 0, 'INVALID_PARAMETER', `${half} outputs`);
    this.#seed = seed;
    this.#sizes = { half, lanes, slots: Math.max(lanes, batches.threads) };
    this.#batches = batches;
    this.#memory = codeMemory(this.#sizes);
  }

  /** Shared memory, in which the views of `room` are. */
  get memory(): WebAssembly.Memory {
    return this.#memory.memory;
  }

  /** A view of `count` elements of the first vector from place `at` on, within one half. */
  room(at: number, count: number): Uint8Array {
    const { half } = this.#sizes;
    return at >= half ? this.#memory.vector(0, at - half, count) : this.#memory.sums(0, at, count);
  }

  /** Elements from place `at` on of a vector; a call stays within one half. */
  load(lane: 0 | 1, at: number, elements: Uint8Array): void {
    const { half } = this.#sizes;
    const count = elements.length / WORD;
    if (lane === 0) this.room(at, count).set(elements);
    else if (at >= half) this.#memory.vector(1, at - half, count).set(elements);
    else this.#sparse.push({ at, elements: elements.slice() });
  }

  /** The next `count` outputs of each vector, 2^20 at most: views, the caller's until the next call. */
  async take(count: number): Promise<Uint8Array[]> {
    check(count <= MOST_OUTPUTS, 'INVALID_PARAMETER', `${count} outputs`);
    while (this.#made < this.#taken + count) await this.#make();
    const from = this.#taken;
    this.#taken += count;
    const first = this.#memory.sums(0, from, count);
    if (this.#sizes.lanes === 1) return [first];
    return [first, this.#memory.sums(1, from - this.#kept, count)];
  }

  async #make(): Promise<void> {
    const { half, lanes } = this.#sizes;
    if (!this.#convolved) {
      const each = Array.from({ length: lanes }, (_, lane) => ({ lane }));
      await this.#run('vole-convolve', each);
      this.#convolved = true;
    }
    const count = Math.min(MOST_OUTPUTS, half - this.#made);
    if (lanes === 2) this.#placeSparse(count);
    const grains = Math.ceil(count / GRAIN);
    const parts = Math.min(this.#batches.threads, grains);
    const bound = (part: number): number =>
      Math.min(count, Math.floor((part * grains) / parts) * GRAIN);
    const ranges = Array.from({ length: parts }, (_, part) => ({
      first: this.#made + bound(part),
      second: this.#made - this.#kept + bound(part),
      count: bound(part + 1) - bound(part),
    }));
    await this.#run('vole-expand', ranges);
    this.#made += count;
  }

  /** One batch for each of these, side by side; rejects when none is under way any more. */
  async #run(
    kind: keyof typeof CODE_BATCHES,
    all: readonly Readonly<Record<string, number>>[],
  ): Promise<void> {
    const tasks = all.map((one, slot) =>
      this.#batches.run({
        ...{ kind, inputs: [this.#seed], params: { ...this.#sizes, ...one, slot } },
        ...{ secret: false, memory: this.memory },
      }),
    );
    await Promise.allSettled(tasks);
    await Promise.all(tasks);
  }

  /** The next `count` elements of the second vector's left half, behind what was made and not taken. */
  #placeSparse(count: number): void {
    const kept = this.#memory.sums(1, 0, secondRoom(this.#sizes));
    kept.copyWithin(0, (this.#taken - this.#kept) * WORD, (this.#made - this.#kept) * WORD);
    this.#kept = this.#taken;
    const start = (this.#made - this.#kept) * WORD;
    const sums = kept.subarray(start, start + count * WORD);
    // Shared memory is filled an element at a time.
    new Float64Array(sums.buffer, sums.byteOffset, sums.length / 8).fill(0);
    for (const { at, elements } of this.#sparse) {
      const from = Math.max(at, this.#made);
      const to = Math.min(at + elements.length / WORD, this.#made + count);
      if (from >= to) continue;
      sums.set(elements.subarray((from - at) * WORD, (to - at) * WORD), (from - this.#made) * WORD);
    }
  }

  [Symbol.dispose](): void {
    this.#memory[Symbol.dispose]();
    for (const { elements } of this.#sparse) elements.fill(0);
  }
}
