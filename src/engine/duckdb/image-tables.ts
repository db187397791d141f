/**
 * Tables for an image from chunks of ordered rows: one for each block of people of each cell, also where
 * it is empty, or one for each person. Values are copied once, from a chunk into their table.
 * @module
 */
import {
  DuckDBBigIntVector,
  type DuckDBDataChunk,
  DuckDBDoubleVector,
  DuckDBIntegerVector,
} from '@duckdb/node-api';
import { check } from '../../base/errors.ts';
import type { ImageContent } from '../../cohort/plan.ts';
import type { ImageTable } from '../../flows/image-ports.ts';
import { type ColumnType, type ColumnValues, type Piece, writeTable } from '../../image/abi.ts';

/** What the vectors of the package hold and do not show: a view of the chunk, without a copy. */
type Vector = {
  readonly items: ColumnValues;
  readonly validity: { itemValid(row: number): boolean };
};

function vectorOf(chunk: DuckDBDataChunk, index: number): Vector {
  const vector = chunk.getColumnVector(index);
  const known =
    vector instanceof DuckDBBigIntVector ||
    vector instanceof DuckDBDoubleVector ||
    vector instanceof DuckDBIntegerVector;
  check(known, 'INTERNAL', 'a column of another type');
  return vector as unknown as Vector;
}

function integers(chunk: DuckDBDataChunk, index: number): BigInt64Array {
  const { items } = vectorOf(chunk, index);
  check(items instanceof BigInt64Array, 'INTERNAL', 'a key of another type');
  return items;
}

const KEYS = 2;

/** Rows that belong into one table. */
class Gathered {
  readonly #types: readonly ColumnType[];
  #pieces: Piece[][];
  #starts: number[] = [];
  #rows = 0;

  constructor(types: readonly ColumnType[]) {
    this.#types = types;
    this.#pieces = types.map(() => []);
  }

  beginPerson(): void {
    this.#starts.push(this.#rows);
  }

  /** Rows from ≤ r < to of a chunk; people that begin in them were told before, at `beginPerson`. */
  addRows(vectors: readonly Vector[], from: number, to: number): void {
    vectors.forEach((vector, i) => {
      const isValid = (row: number): boolean => vector.validity.itemValid(row);
      this.#pieces[i]?.push({ values: vector.items, from, to, isValid });
    });
  }

  countRow(): void {
    this.#rows += 1;
  }

  /** The table; begins a new one. */
  table(): Uint8Array {
    const table = writeTable(this.#types, this.#pieces, this.#rows, this.#starts);
    this.#pieces = this.#types.map(() => []);
    this.#starts = [];
    this.#rows = 0;
    return table;
  }

  get isEmpty(): boolean {
    return this.#rows === 0;
  }
}

/** `places` tables are given in block mode: cells times blocks. */
export async function* imageTables(
  chunks: AsyncIterable<DuckDBDataChunk>,
  content: Pick<ImageContent, 'mode' | 'columns'>,
  places: number,
): AsyncGenerator<ImageTable, undefined> {
  const byPerson = content.mode === 'map';
  const types = content.columns.map(({ type }) => type);
  const gathered = new Gathered(types);
  // The next place to give a table for, and the one that rows are gathered for.
  let place = 0;
  let mark: bigint | undefined;
  for await (const chunk of chunks) {
    const [placeOf, markOf] = [integers(chunk, 0), integers(chunk, 1)];
    const vectors = types.map((_, i) => vectorOf(chunk, KEYS + i));
    let from = 0;
    for (let row = 0; row < chunk.rowCount; row += 1) {
      const [nextPlace, nextMark] = [Number(placeOf[row]), markOf[row]];
      check(nextPlace >= place && nextPlace < places, 'INTERNAL', 'place out of order');
      const moved = nextPlace !== place;
      const another = moved || nextMark !== mark;
      if ((byPerson ? another : moved) && row > from) {
        gathered.addRows(vectors, from, row);
        from = row;
      }
      if (byPerson && another && !gathered.isEmpty) {
        yield { index: place, table: gathered.table() };
      }
      for (; place < nextPlace; place += 1) {
        if (!byPerson) yield { index: place, table: gathered.table() };
      }
      if (another) gathered.beginPerson();
      gathered.countRow();
      mark = nextMark;
    }
    gathered.addRows(vectors, from, chunk.rowCount);
  }
  if (byPerson && !gathered.isEmpty) yield { index: place, table: gathered.table() };
  for (; place < places && !byPerson; place += 1) {
    yield { index: place, table: gathered.table() };
  }
  return undefined;
}
