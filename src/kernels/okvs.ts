/**
 * Binding for wasm/okvs: an oblivious key-value store in bins. Row r of a bin is the sum of three sparse
 * columns and of those of the 48 dense columns whose bits it has; encoding finds columns such that every
 * row gives its value, decoding gives the values.
 *
 * Papers    Pinkas, Rosulek, Trieu, Yanai, ePrint 2020/193 (sparse and binary dense columns); Garimella,
 *           Pinkas, Rosulek, Trieu, Yanai, ePrint 2021/883 (three sparse columns); Raghuraman,
 *           Rindal, CCS 2022 (sizes). psi/vole/parameters.ts derives the sizes.
 * Contract  3 ≤ sparse ≤ 65,536 columns a bin, at most `capacity` rows. Items are hashes of 32
 *           bytes: the value, then the bits that place it (see wasm/okvs/bins.ts).
 * Canonical the columns are a function of the rows and their order: peeling takes the column pushed last,
 *           free columns are zero. Encodings are not hiding by themselves.
 * Twin      reference/okvs.ts computes the same functions; test/kernels holds them equal.
 * Timing    rows decide branches and addresses: hashes of the owner's items under a public seed.
 *           A process that shares the owner's caches may learn from that. Values decide neither.
 * @module
 */
import { check } from '../base/errors.ts';
import { Arena } from './arena.ts';
import { solveCore } from './okvs-core.ts';

type Exports = {
  okvs_bin(
    hashes: number,
    n: number,
    first: number,
    bins: number,
    w: number,
    capacity: number,
    rows: number,
    fill: number,
  ): number;
  okvs_peel(
    rows: number,
    n: number,
    w: number,
    columns: number,
    stack: number,
    order: number,
    peeled: number,
  ): number;
  okvs_tables(dense: number, tables: number): void;
  okvs_back(rows: number, order: number, count: number, columns: number, tables: number): void;
  okvs_decode(rows: number, n: number, columns: number, tables: number, out: number): void;
};

export const ROW_BYTES = 32;
export const DENSE_COLUMNS = 48;
const WORD = 16;
const CHUNK = 4096;

export type BinSizes = {
  /** Sparse columns. */
  readonly sparse: number;
  /** The most rows. */
  readonly capacity: number;
};

function checkSizes({ sparse, capacity }: BinSizes): void {
  check(
    Number.isInteger(sparse) && sparse >= 3 && sparse <= 65536 && Number.isInteger(capacity),
    'INVALID_PARAMETER',
    `${sparse} columns for ${capacity} rows`,
  );
}

/** Items sorted into bins as they come. */
export class OkvsBins implements Disposable {
  readonly bins: number;
  readonly #sizes: BinSizes;
  readonly #arena: Arena<Exports, 'hashes' | 'fill' | 'rows'>;
  #items = 0;

  constructor(bins: number, sizes: BinSizes) {
    checkSizes(sizes);
    this.bins = bins;
    this.#sizes = sizes;
    this.#arena = new Arena('okvs', {
      hashes: CHUNK * ROW_BYTES,
      fill: 4 * bins,
      rows: bins * sizes.capacity * ROW_BYTES,
    });
  }

  /** Adds items, numbered on from those before. False when a bin overflows: then nothing more can be done. */
  add(hashes: Uint8Array): boolean {
    const { sparse, capacity } = this.#sizes;
    const { at, kernel } = this.#arena;
    for (let from = 0; from < hashes.length; from += CHUNK * ROW_BYTES) {
      const bytes = hashes.subarray(from, from + CHUNK * ROW_BYTES);
      const n = bytes.length / ROW_BYTES;
      this.#arena.bytes('hashes', bytes.length).set(bytes);
      const taken = kernel.okvs_bin(
        ...([at.hashes, n, this.#items, this.bins, sparse, capacity, at.rows, at.fill] as const),
      );
      if (taken < n) return false;
      this.#items += n;
    }
    return true;
  }

  /** A view of the rows of a bin. */
  rows(bin: number): Uint8Array {
    const count = this.#arena.words('fill', this.bins)[bin] as number;
    const offset = bin * this.#sizes.capacity * ROW_BYTES;
    return this.#arena.bytes('rows', count * ROW_BYTES, offset);
  }

  [Symbol.dispose](): void {
    this.#arena.wipe();
  }
}

/** One bin: columns from rows, values from columns. Usable for one bin after another. */
export class OkvsBin implements Disposable {
  readonly #sizes: BinSizes;
  readonly #arena: Arena<
    Exports,
    'rows' | 'columns' | 'tables' | 'degrees' | 'stack' | 'order' | 'peeled' | 'out'
  >;

  constructor(sizes: BinSizes) {
    checkSizes(sizes);
    const { sparse, capacity } = sizes;
    this.#sizes = sizes;
    this.#arena = new Arena('okvs', {
      rows: capacity * ROW_BYTES,
      columns: (sparse + DENSE_COLUMNS) * WORD,
      tables: 6 * 256 * WORD,
      degrees: 8 * sparse,
      stack: 4 * (sparse + 3 * capacity),
      order: 8 * capacity,
      peeled: capacity,
      out: capacity * WORD,
    });
  }

  /**
   * sparse + 48 columns that give every row its value, or undefined when there are none. A view, until the
   * next call.
   */
  encode(rows: Uint8Array): Uint8Array | undefined {
    const { at, kernel } = this.#arena;
    const n = this.#load(rows);
    const { sparse } = this.#sizes;
    const columns = this.#arena.bytes('columns', (sparse + DENSE_COLUMNS) * WORD);
    columns.fill(0);
    const count = kernel.okvs_peel(
      ...([at.rows, n, sparse, at.degrees, at.stack, at.order, at.peeled] as const),
    );
    if (count < n) {
      const peeled = this.#arena.bytes('peeled', n);
      const core = Array.from({ length: n }, (_, i) => i).filter((i) => peeled[i] === 0);
      const solved = solveCore(
        core.map((i) => rows.subarray(i * ROW_BYTES, (i + 1) * ROW_BYTES)),
        sparse,
      );
      if (solved === undefined) return undefined;
      for (const [column, value] of solved) columns.set(value, column * WORD);
    }
    kernel.okvs_tables(at.columns + sparse * WORD, at.tables);
    kernel.okvs_back(at.rows, at.order, count, at.columns, at.tables);
    return columns;
  }

  /** The value of each row, 16 bytes. A view, until the next call. */
  decode(rows: Uint8Array, columns: Uint8Array): Uint8Array {
    const { sparse } = this.#sizes;
    const size = (sparse + DENSE_COLUMNS) * WORD;
    check(columns.length === size, 'INVALID_PARAMETER', `${columns.length} bytes of columns`);
    const { at, kernel } = this.#arena;
    const n = this.#load(rows);
    this.#arena.bytes('columns', size).set(columns);
    kernel.okvs_tables(at.columns + sparse * WORD, at.tables);
    kernel.okvs_decode(at.rows, n, at.columns, at.tables, at.out);
    return this.#arena.bytes('out', n * WORD);
  }

  #load(rows: Uint8Array): number {
    const n = rows.length / ROW_BYTES;
    check(
      Number.isInteger(n) && n <= this.#sizes.capacity,
      'INVALID_PARAMETER',
      `${rows.length} bytes of rows`,
    );
    this.#arena.bytes('rows', rows.length).set(rows);
    return n;
  }

  [Symbol.dispose](): void {
    this.#arena.wipe();
  }
}
