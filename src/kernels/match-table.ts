/**
 * Binding for wasm/match-table: which keys occur twice, and which occur in another list. Keys are 16 bytes and
 * hashes already: an owner who chooses them badly slows down its own table only.
 *
 * Contract  at most 2^26 keys; probes of 1 to 16 bytes stand for keys that end in zeros.
 * Twin      reference/match-table.ts computes the same function; test/kernels holds them equal.
 * Memory    one arena an instance, [keys | slots | repeated | found | probes], at most half the slots used;
 *           wiped by `dispose`.
 * Timing    keys and probes decide branches and addresses: they are the owner's own, or public.
 * @module
 */
import { check } from '../base/errors.ts';
import { Arena } from './arena.ts';

type Exports = {
  table_enter(
    keys: number,
    first: number,
    n: number,
    slots: number,
    mask: number,
    repeated: number,
  ): void;
  table_find(
    keys: number,
    slots: number,
    mask: number,
    probes: number,
    n: number,
    width: number,
    found: number,
  ): void;
  table_pick(words: number, order: number, n: number, width: number, out: number): void;
};

export const KEY_BYTES = 16;
const CHUNK = 65536;

export class MatchTable implements Disposable {
  readonly size: number;
  readonly #mask: number;
  readonly #arena: Arena<Exports, 'keys' | 'slots' | 'repeated' | 'found' | 'probes'>;

  constructor(keys: Uint8Array) {
    const n = keys.length / KEY_BYTES;
    check(Number.isInteger(n) && n <= 2 ** 26, 'INVALID_PARAMETER', `${keys.length} bytes of keys`);
    this.size = n;
    const slots = 2 ** Math.ceil(Math.log2(Math.max(8, 2 * n)));
    this.#mask = slots - 1;
    this.#arena = new Arena('match-table', {
      keys: keys.length,
      slots: 4 * slots,
      repeated: n,
      found: n,
      probes: KEY_BYTES * CHUNK + KEY_BYTES,
    });
    this.#arena.bytes('keys', keys.length).set(keys);
    const { at, kernel } = this.#arena;
    kernel.table_enter(at.keys, 0, n, at.slots, this.#mask, at.repeated);
  }

  /** A view: 1 where an equal key comes before. */
  get repeated(): Uint8Array {
    return this.#arena.bytes('repeated', this.size);
  }

  /** A view: 1 at the first of the keys equal to a probe of `find` so far. */
  get found(): Uint8Array {
    return this.#arena.bytes('found', this.size);
  }

  /** Looks up probes of `width` bytes each. */
  find(probes: Uint8Array, width: number): void {
    const n = probes.length / width;
    check(
      Number.isInteger(n) && width >= 1 && width <= KEY_BYTES,
      'INVALID_PARAMETER',
      `${probes.length} bytes of probes`,
    );
    const { at, kernel } = this.#arena;
    for (let from = 0; from < n; from += CHUNK) {
      const count = Math.min(CHUNK, n - from);
      const bytes = probes.subarray(from * width, (from + count) * width);
      this.#arena.bytes('probes', bytes.length).set(bytes);
      kernel.table_find(at.keys, at.slots, this.#mask, at.probes, count, width, at.found);
    }
  }

  [Symbol.dispose](): void {
    this.#arena.wipe();
  }
}

/** Words of 16 bytes, of which lists of shortened ones are made in any order. */
export class WordList implements Disposable {
  readonly #arena: Arena<Exports, 'words' | 'order' | 'out'>;

  constructor(words: Uint8Array) {
    this.#arena = new Arena('match-table', {
      words: words.length,
      order: 4 * CHUNK,
      out: KEY_BYTES * (CHUNK + 1),
    });
    this.#arena.bytes('words', words.length).set(words);
  }

  /** The first `width` bytes of each word that `order` numbers, at most 65,536 of them. A view, until the next call. */
  pick(order: Uint32Array, width: number): Uint8Array {
    check(
      order.length <= CHUNK && width >= 1 && width <= KEY_BYTES,
      'INVALID_PARAMETER',
      `${order.length} words of ${width} bytes`,
    );
    const { at, kernel } = this.#arena;
    this.#arena.words('order', order.length).set(order);
    kernel.table_pick(at.words, at.order, order.length, width, at.out);
    return this.#arena.bytes('out', order.length * width);
  }

  [Symbol.dispose](): void {
    this.#arena.wipe();
  }
}
