/**
 * The rows of a loaded cohort as the codes of a layout's columns, a block of them at a time.
 *
 * They are computed by the same SQL that answers a query from rows (engine/duckdb), so that a sum
 * of encrypted columns is the sum that the rows would give, null cells included. One row a person:
 * another table is refused, for under encryption nobody can bound what a person adds.
 * @module
 */
import { check } from '../../base/errors.ts';
import type { Digest } from '../../base/hash.ts';
import { columnName, type Layout, productName, type Uploaded } from '../../flows/columns/layout.ts';
import type { Row as Encrypted } from '../../he/seal/encrypt-columns.ts';
import { ROWS_PER_BLOCK } from '../../he/seal/parameters.ts';
import type { Raw } from '../../he/seal/schema.ts';
import { cellSql } from '../duckdb/axis-sql.ts';
import { blockColumns } from '../duckdb/block-sql.ts';
import { Parameters } from '../duckdb/parameters.ts';
import { type Lookup, lookupIn, predicateSql } from '../duckdb/predicate-sql.ts';
import { type Row, Session, type SessionOptions } from '../duckdb/session.ts';
import { describeColumns, readDescription } from '../duckdb/stored-cohort.ts';

/** The code of a row as SQL: a cell, a part, a stored value, or NULL. */
function codeSql(
  uploaded: Uploaded,
  index: number,
  lookup: Lookup,
  parameters: Parameters,
): string[] {
  if (uploaded.kind === 'moments') return blockColumns(uploaded, index, lookup, parameters);
  if (uploaded.kind === 'part') {
    const { part, parts } = uploaded;
    return blockColumns({ kind: 'tally', parts, part }, index, lookup, parameters);
  }
  const { where } = uploaded;
  const cell = cellSql(uploaded, lookup, parameters);
  if (where === undefined) return [`CAST(${cell} AS BIGINT) AS b${index}`];
  const holds = predicateSql(where, lookup, parameters);
  return [`CASE WHEN ${holds} THEN CAST(${cell} AS BIGINT) END AS b${index}`];
}

function rawValues(uploaded: Uploaded, index: number, code: bigint | null): [string, Raw][] {
  const name = columnName(index);
  if (uploaded.kind === 'moments') {
    if (code === null) return [[name, null]];
    const [above, below] = [code - uploaded.min, uploaded.max - code];
    return [
      [name, Number(above)],
      [productName(index), Number(above * below)],
    ];
  }
  if (uploaded.kind === 'cells' && uploaded.cells === 1) return [[name, code !== null]];
  return [[name, code === null ? null : String(code)]];
}

const codeOf = (value: unknown): bigint | null => {
  if (value === null) return null;
  check(typeof value === 'bigint', 'INTERNAL', 'a code that is no integer');
  return value;
};

export class StoredRows {
  readonly #session: Session;
  readonly #layout: Layout;
  /** Commitment to the loaded content. */
  readonly epoch: Digest;
  readonly rows: number;
  #read = 0;

  private constructor(session: Session, layout: Layout, epoch: Digest, rows: number) {
    this.#session = session;
    this.#layout = layout;
    this.epoch = epoch;
    this.rows = rows;
  }

  /** Refuses with INVALID_PARAMETER a cohort with two rows of one person. */
  static async open(options: Omit<SessionOptions, 'readOnly'>, layout: Layout) {
    const session = await Session.open({ ...options, readOnly: true });
    try {
      const { columns, epoch, rows, people } = await readDescription(session);
      const same = columns === describeColumns(layout.columns);
      check(same, 'COHORT_MISSING', 'loaded with other columns');
      check(rows === people, 'INVALID_PARAMETER', 'encrypted columns take one row a person');
      return new StoredRows(session, layout, epoch, Number(rows));
    } catch (error) {
      session.close();
      throw error;
    }
  }

  /** The rows of the next block, in the keyed order of persons; empty at the end. */
  async next(): Promise<Encrypted[]> {
    const [from, to] = [this.#read, Math.min(this.#read + ROWS_PER_BLOCK, this.rows)];
    if (from === to) return [];
    const parameters = new Parameters();
    const lookup = lookupIn(this.#layout.columns);
    const codes = this.#layout.uploaded.flatMap((one, i) => codeSql(one, i, lookup, parameters));
    // By place: the table was written in the order of persons, and nothing is ever deleted from it.
    const found = await this.#session.rows(
      `SELECT ${['person', ...codes].join(', ')} FROM cohort
        WHERE rowid >= ${parameters.bigint(BigInt(from))}
          AND rowid < ${parameters.bigint(BigInt(to))} ORDER BY rowid`,
      parameters,
    );
    check(found.length === to - from, 'DATA_DIRECTORY_DAMAGED', 'rows of the cohort');
    this.#read = to;
    return found.map((row) => this.#row(row));
  }

  #row([person, ...codes]: Row): Encrypted {
    check(typeof person === 'bigint', 'INTERNAL', 'a person that is no integer');
    const values = this.#layout.uploaded.flatMap((one, i) => rawValues(one, i, codeOf(codes[i])));
    return { person: person.toString(36), values: Object.fromEntries(values) };
  }

  close(): void {
    this.#session.close();
  }
}
