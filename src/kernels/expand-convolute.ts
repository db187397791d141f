/**
 * Binding for wasm/expand-convolute: the transposed steps of an expand-convolute code over GF(2^128) on one
 * vector or on two at once. Which code that is, and what is assumed of it, is with the caller.
 *
 * Contract  `length` ≥ 21 elements of 16 bytes a lane, length · lanes ≤ 2^27. Coefficients come
 *           from a public stream of uniform bytes, four for each step, little endian.
 * Twin      reference/expand-convolute.ts computes the same functions; test/kernels holds them equal.
 * Memory    one arena an instance, [tables and vector of each lane | sums | words]; it
 *           holds the vectors until `dispose` wipes it.
 * Timing    elements decide neither branches nor addresses; coefficients and indices are public.
 * @module
 */
import { check } from '../base/errors.ts';
import { Arena } from './arena.ts';

type Exports = {
  ec_convolve(v: number, n: number, taps: number, tables: number): void;
  ec_expand(sums: number, n: number, v: number, length: number, words: number): void;
};

const WORD = 16;
/** Sums of the values that a convolution looks back to: eight tables of 16. */
const TABLES = 8 * 16 * WORD;
/** Steps for which one batch of 64 KiB of the stream is fetched: a multiple of 32. */
const BATCH = 16384;

/** The kernel takes four steps at a time. */
const fours = (steps: number): number => Math.ceil(steps / 4) * 4;

/** The next `bytes` bytes of a public stream; valid until the next call. */
export type Stream = (bytes: number) => Uint8Array;

export class ExpandConvolute implements Disposable {
  readonly length: number;
  /** Vectors that share every coefficient. */
  readonly lanes: 1 | 2;
  readonly #arena: Arena<Exports, 'tables' | 'vectors' | 'sums' | 'words'>;
  /** Of a lane: its elements behind one zero, with room to finish the last four. */
  readonly #laneBytes: number;

  constructor(length: number, lanes: 1 | 2) {
    check(
      Number.isSafeInteger(length) && length >= 21 && length * lanes <= 2 ** 27,
      'INVALID_PARAMETER',
      `${length} elements`,
    );
    this.length = length;
    this.lanes = lanes;
    this.#laneBytes = (1 + fours(length)) * WORD;
    this.#arena = new Arena('expand-convolute', {
      tables: lanes * TABLES,
      vectors: lanes * this.#laneBytes,
      sums: lanes * fours(this.mostSums) * WORD,
      words: 4 * BATCH,
    });
  }

  /** The most sums of one `expand`. The more, the more often a segment is read while it is in a cache. */
  get mostSums(): number {
    return Math.min(64 * BATCH, this.length);
  }

  /** Writes `elements` to a lane from place `at` on. */
  load(lane: 0 | 1, at: number, elements: Uint8Array): void {
    const count = elements.length / WORD;
    check(
      Number.isInteger(count) && lane < this.lanes && at >= 0 && at + count <= this.length,
      'INVALID_PARAMETER',
      `${elements.length} bytes at ${at}`,
    );
    this.#arena.bytes('vectors', elements.length, this.#offset(lane, at)).set(elements);
  }

  #offset(lane: number, at: number): number {
    return lane * this.#laneBytes + (1 + at) * WORD;
  }

  /** In place, in each lane, v[i] += x v[i-1] + Σ v[i-2-j] over the bits j < 24 of the stream's word i. */
  convolve(stream: Stream): void {
    const { at, kernel } = this.#arena;
    this.#arena.bytes('tables', this.lanes * TABLES).fill(0);
    for (let from = 0; from < this.length; from += BATCH) {
      const count = Math.min(BATCH, this.length - from);
      this.#arena.bytes('words', 4 * count).set(stream(4 * count));
      for (let lane = 0; lane < this.lanes; lane += 1) {
        const vector = at.vectors + this.#offset(lane, from);
        kernel.ec_convolve(vector, fours(count), at.words, at.tables + lane * TABLES);
      }
    }
  }

  /**
   * In place, for each lane, sums[lane][i] += an element of each segment of the lane, which has as many as there
   * are `parts`: of the k-th, s long, the one at floor(w s / 2^32) with w the i-th word of the k-th part. At
   * most `mostSums` sums. The parts are read one after the other, 64 KiB a call.
   */
  expand(sums: readonly Uint8Array[], parts: readonly Stream[]): void {
    const count = (sums[0]?.length ?? 0) / WORD;
    check(
      sums.length === this.lanes && Number.isInteger(count) && count <= this.mostSums,
      'INVALID_PARAMETER',
      `${count} sums`,
    );
    const lane = fours(count) * WORD;
    const slots = sums.map((_, l) => this.#arena.bytes('sums', count * WORD, l * lane));
    slots.forEach((slot, l) => slot.set(sums[l] as Uint8Array));
    parts.forEach((part, k) => {
      const start = Math.floor((k * this.length) / parts.length);
      const size = Math.floor(((k + 1) * this.length) / parts.length) - start;
      for (let from = 0; from < count; from += BATCH) {
        const steps = Math.min(BATCH, count - from);
        this.#arena.bytes('words', 4 * steps).set(part(4 * steps));
        this.#addSegment(start, size, lane, from, steps);
      }
    });
    slots.forEach((slot, l) => {
      (sums[l] as Uint8Array).set(slot);
    });
    this.#arena.bytes('sums', this.lanes * lane).fill(0);
  }

  #addSegment(start: number, size: number, laneBytes: number, from: number, steps: number): void {
    const { at, kernel } = this.#arena;
    for (let lane = 0; lane < this.lanes; lane += 1) {
      const segment = at.vectors + this.#offset(lane, start);
      const sums = at.sums + lane * laneBytes + from * WORD;
      kernel.ec_expand(sums, fours(steps), segment, size, at.words);
    }
  }

  [Symbol.dispose](): void {
    this.#arena.wipe();
  }
}
