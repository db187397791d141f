/**
 * Binding for wasm/expand-convolute: the transposed steps of an expand-convolute code over GF(2^128) on one
 * vector or on two at once. Which code that is, and what is assumed of it, is with the caller.
 *
 * Contract  `length` ≥ 21 elements of 16 bytes a lane, length · lanes ≤ 2^27. Coefficients come
 *           from public streams of uniform bytes, four for each step, little endian.
 * Twin      reference/expand-convolute.ts computes the same functions; test/kernels holds them equal.
 * Memory    one arena, [vector of each lane | sums of each lane | tables and words of each slot], shared by the
 *           instances that are given it; it holds the vectors until `dispose` wipes it.
 * Threads   a vector is convolved by one thread; sums are added up by any number, each its own range and in
 *           a slot of its own, when all vectors are convolved.
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
/** The most convolutions in a row. */
const MOST_PASSES = 2;
/** Steps for which one batch of 64 KiB of the stream is fetched: a multiple of 32. */
const BATCH = 16384;
const SLOT = MOST_PASSES * TABLES + 4 * BATCH;

/** Where the words of a slot begin: behind its tables. */
const wordsOf = (slot: number): number => slot * SLOT + MOST_PASSES * TABLES;

/** The kernel takes four steps at a time. */
const fours = (steps: number): number => Math.ceil(steps / 4) * 4;

/** The next `bytes` bytes of a public stream; valid until the next call. */
export type Stream = (bytes: number) => Uint8Array;

export type ExpandConvoluteSizes = {
  /** Elements of a vector. */
  readonly length: number;
  /** Room for sums, of each lane. */
  readonly sums: readonly number[];
  /** Threads that work side by side. */
  readonly slots: number;
};

export class ExpandConvolute implements Disposable {
  readonly length: number;
  /** Room for sums, of each lane. */
  readonly rooms: readonly number[];
  readonly #arena: Arena<Exports, 'vectors' | 'sums' | 'slots'>;
  /** Of a lane: its elements behind one zero, with room to finish the last four. */
  readonly #laneBytes: number;

  /** With `memory` the instance is another one over what an instance of these sizes has. */
  constructor({ length, sums, slots }: ExpandConvoluteSizes, memory?: WebAssembly.Memory) {
    const lanes = sums.length;
    check(
      Number.isSafeInteger(length) && length >= 21 && lanes > 0 && length * lanes <= 2 ** 27,
      'INVALID_PARAMETER',
      `${lanes} vectors of ${length} elements`,
    );
    this.length = length;
    this.rooms = sums;
    this.#laneBytes = (1 + fours(length)) * WORD;
    const sizes = {
      vectors: lanes * this.#laneBytes,
      sums: sums.reduce((bytes, room) => bytes + fours(room) * WORD, 0),
      slots: slots * SLOT,
    };
    this.#arena = new Arena('expand-convolute', sizes, memory);
  }

  /** Shared: for instances in other threads. */
  get memory(): WebAssembly.Memory {
    return this.#arena.memory;
  }

  /** A view of `count` elements of a vector from place `at` on. */
  vector(lane: number, at: number, count: number): Uint8Array {
    const within = lane < this.rooms.length && at >= 0 && count >= 0 && at + count <= this.length;
    check(within, 'INVALID_PARAMETER', `${count} elements at ${at}`);
    return this.#arena.bytes('vectors', count * WORD, this.#offset(lane, at));
  }

  /** A view of `count` sums of a lane from place `at` on. */
  sums(lane: number, at: number, count: number): Uint8Array {
    const within = at >= 0 && count >= 0 && at + count <= (this.rooms[lane] ?? -1);
    check(within, 'INVALID_PARAMETER', `${count} sums at ${at}`);
    return this.#arena.bytes('sums', count * WORD, this.#sumsOffset(lane, at));
  }

  #offset(lane: number, at: number): number {
    return lane * this.#laneBytes + (1 + at) * WORD;
  }

  #sumsOffset(lane: number, at: number): number {
    const before = this.rooms.slice(0, lane);
    return before.reduce((bytes, room) => bytes + fours(room) * WORD, at * WORD);
  }

  /**
   * In place, v[i] += x v[i-1] + Σ v[i-2-j] over the bits j < 24 of the stream's word i; then the same again with
   * each further stream. All passes go over a part that fits a cache, then over the next one.
   */
  convolve(lane: number, streams: readonly Stream[], slot = 0): void {
    check(streams.length <= MOST_PASSES, 'INVALID_PARAMETER', `${streams.length} passes`);
    const { at, kernel } = this.#arena;
    const words = wordsOf(slot);
    this.#arena.bytes('slots', MOST_PASSES * TABLES, slot * SLOT).fill(0);
    // What each pass left last: the kernel reads the value before its part there.
    const last = streams.map(() => new Uint8Array(WORD));
    for (let from = 0; from < this.length; from += BATCH) {
      const count = Math.min(BATCH, this.length - from);
      const start = this.#offset(lane, from);
      const before = this.#arena.bytes('vectors', WORD, start - WORD);
      const end = this.#arena.bytes('vectors', WORD, start + (count - 1) * WORD);
      const kept = before.slice();
      streams.forEach((stream, pass) => {
        this.#arena.bytes('slots', 4 * count, words).set(stream(4 * count));
        before.set(last[pass] as Uint8Array);
        const tables = at.slots + slot * SLOT + pass * TABLES;
        kernel.ec_convolve(at.vectors + start, fours(count), at.slots + words, tables);
        last[pass]?.set(end);
      });
      before.set(kept);
      kept.fill(0);
    }
    for (const value of last) value.fill(0);
    this.#arena.bytes('slots', MOST_PASSES * TABLES, slot * SLOT).fill(0);
  }

  /**
   * In place, for each lane, sums[from[lane] + i] += an element of each segment of the lane's vector, which has as
   * many as there are `parts`, for i < count: of the k-th, s long, the one at floor(w s / 2^32) with w the i-th
   * word of the k-th part. `count` is a multiple of four unless it reaches the end of the room. The parts
   * are read one after the other, 64 KiB a call.
   */
  expand(from: readonly number[], count: number, parts: readonly Stream[], slot = 0): void {
    from.forEach((first, lane) => {
      const room = (this.rooms[lane] ?? 0) - first;
      const fits = first >= 0 && (count === room || (count % 4 === 0 && count <= room));
      check(fits, 'INVALID_PARAMETER', `${count} sums at ${first}`);
    });
    parts.forEach((part, k) => {
      const start = Math.floor((k * this.length) / parts.length);
      const size = Math.floor(((k + 1) * this.length) / parts.length) - start;
      for (let done = 0; done < count; done += BATCH) {
        const steps = Math.min(BATCH, count - done);
        const words = wordsOf(slot);
        this.#arena.bytes('slots', 4 * steps, words).set(part(4 * steps));
        from.forEach((first, lane) => {
          this.#addSegment({ lane, start, size, slot }, first + done, steps);
        });
      }
    });
  }

  #addSegment(
    { lane, start, size, slot }: Readonly<Record<'lane' | 'start' | 'size' | 'slot', number>>,
    first: number,
    steps: number,
  ): void {
    const { at, kernel } = this.#arena;
    const sums = at.sums + this.#sumsOffset(lane, first);
    const segment = at.vectors + this.#offset(lane, start);
    const words = at.slots + slot * SLOT + MOST_PASSES * TABLES;
    kernel.ec_expand(sums, fours(steps), segment, size, words);
  }

  [Symbol.dispose](): void {
    this.#arena.wipe();
  }
}
