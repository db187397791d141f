/**
 * The bytes of an upload and of its answers (cohort/upload-size.ts): tables one after the other, padded to a public
 * size and cut into chunks; an int64 for each field of each table, padded likewise.
 *
 * A table with another column than the declaration has, or more rows than the study declares, is refused where it is
 * written, before anything is sealed, and where it is read.
 * @module
 */
import { asRefusal, check } from '../../base/errors.ts';
import type { ImageContent } from '../../cohort/plan.ts';
import { CHUNK_BYTES, type UploadSize } from '../../cohort/upload-size.ts';
import type { ImageTable, ImageTables } from '../../flows/image-ports.ts';
import { rowsOfTable } from '../../image/abi.ts';

type Columns = ImageContent['columns'];

/** Counts the rows of tables that belong together. */
class RowCount {
  readonly #types: readonly Columns[number]['type'][];
  readonly #most: number;
  #rows = 0;

  constructor(columns: Columns, most: number) {
    this.#types = columns.map(({ type }) => type);
    this.#most = most;
  }

  take(table: Uint8Array): void {
    const rows = rowsOfTable(table, this.#types);
    check(rows !== undefined, 'MALFORMED_MESSAGE', 'a table of other columns than declared');
    this.#rows += rows;
    check(this.#rows <= this.#most, 'PAYLOAD_TOO_LARGE', 'more rows than the study declares');
  }
}

const lengthOf = (table: Uint8Array): Uint8Array => {
  const word = new Uint8Array(4);
  new DataView(word.buffer).setUint32(0, table.length, true);
  return word;
};

/** What was written: places of the tables in their order, and what ended it early. */
export type Written = { readonly places: number[]; fault?: Error };

/**
 * The chunks of an upload, `size.chunks` of them whatever happens; each is overwritten by the next. A fault of the
 * tables ends them there, and is left in `written`.
 */
export async function* writeUpload(
  tables: ImageTables,
  columns: Columns,
  size: UploadSize,
  written: Written,
): AsyncGenerator<Uint8Array, void> {
  const chunk = new Uint8Array(CHUNK_BYTES);
  const counted = new RowCount(columns, size.rows);
  let [total, at] = [0, 0];
  function* put(bytes: Uint8Array): Generator<Uint8Array> {
    for (let from = 0; from < bytes.length; ) {
      const part = Math.min(bytes.length - from, chunk.length - at);
      chunk.set(bytes.subarray(from, from + part), at);
      [from, at, total] = [from + part, at + part, total + part];
      if (at < chunk.length) continue;
      yield chunk;
      at = 0;
    }
  }
  const next = async (): Promise<ImageTable | undefined> => {
    try {
      const { done, value } = await tables.next();
      if (done === true) return undefined;
      counted.take(value.table);
      const fits = total + value.table.length + 8 <= size.bytes;
      check(fits && written.places.length < size.tables, 'PAYLOAD_TOO_LARGE', 'upload');
      return value;
    } catch (error) {
      written.fault = error instanceof Error ? error : asRefusal(error);
      return undefined;
    }
  };
  for (let one = await next(); one !== undefined; one = await next()) {
    written.places.push(one.index);
    yield* put(lengthOf(one.table));
    yield* put(one.table);
    one.table.fill(0);
  }
  // The length 0 that ends the tables, and the padding, are the same byte.
  while (total < size.bytes) {
    yield* put(new Uint8Array(Math.min(size.bytes - total, CHUNK_BYTES)));
  }
  if (at > 0) yield chunk.subarray(0, at);
  chunk.fill(0);
}

/** Bytes of chunks, taken as they are asked for; what was taken is wiped. */
class Taken {
  readonly #chunks: AsyncIterator<Uint8Array>;
  #chunk = new Uint8Array(0);
  #at = 0;

  constructor(chunks: AsyncIterator<Uint8Array>) {
    this.#chunks = chunks;
  }

  async take(length: number): Promise<Uint8Array> {
    const bytes = new Uint8Array(length);
    for (let at = 0; at < length; ) {
      if (this.#at === this.#chunk.length) await this.#next();
      const part = Math.min(length - at, this.#chunk.length - this.#at);
      bytes.set(this.#chunk.subarray(this.#at, this.#at + part), at);
      [at, this.#at] = [at + part, this.#at + part];
    }
    return bytes;
  }

  async #next(): Promise<void> {
    this.#chunk.fill(0);
    const next = await this.#chunks.next();
    const more = next.done !== true && next.value.length > 0;
    check(more, 'MALFORMED_MESSAGE', 'upload ends in a table');
    [this.#chunk, this.#at] = [next.value as Uint8Array<ArrayBuffer>, 0];
  }

  wipe(): void {
    this.#chunk.fill(0);
  }
}

/** The tables of an upload, numbered in their order. Refuses with MALFORMED_MESSAGE or PAYLOAD_TOO_LARGE. */
export async function* readUpload(
  chunks: AsyncIterator<Uint8Array>,
  columns: Columns,
  size: UploadSize,
): AsyncGenerator<ImageTable, undefined> {
  const counted = new RowCount(columns, size.rows);
  const taken = new Taken(chunks);
  try {
    for (let index = 0; ; index += 1) {
      const word = await taken.take(4);
      const length = new DataView(word.buffer).getUint32(0, true);
      if (length === 0) return undefined;
      const fits = index < size.tables && length < size.bytes;
      check(fits, 'PAYLOAD_TOO_LARGE', 'a table beyond the upload');
      const table = await taken.take(length);
      counted.take(table);
      yield { index, table };
    }
  } finally {
    taken.wipe();
  }
}

/** Answers of tables 0, 1, 2, ... side by side, zeros where there is no table. */
export class AnswerTable {
  readonly bytes: Uint8Array;
  readonly #view: DataView;
  readonly #fields: number;

  constructor(fields: number, bytes: Uint8Array) {
    this.#fields = fields;
    this.bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  set(table: number, answers: readonly bigint[]): void {
    answers.forEach((answer, field) => {
      this.#view.setBigInt64(8 * (table * this.#fields + field), answer, true);
    });
  }

  get(table: number): bigint[] {
    return Array.from({ length: this.#fields }, (_, field) =>
      this.#view.getBigInt64(8 * (table * this.#fields + field), true),
    );
  }
}
