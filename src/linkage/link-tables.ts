/**
 * Two tables in, pairs of rows out: canonical forms, keys for each pass, the cascade.
 *
 * Exact and local: whoever calls this has both tables and learns who matched. Between parties the
 * same keys go through a private set intersection, with one pass or with the cost that cascade.ts names.
 * @module
 */
import { check } from '../base/errors.ts';
import type { Secret } from '../base/secret.ts';
import { type Cascade, cascade, type Column, type PassColumns } from './cascade.ts';
import { canonicalField, type CanonicalRecord, type Field, type Side } from './field.ts';
import { keyOfStudy, passKey } from './key.ts';
import { type DefaultPass, defaultPasses } from './passes.ts';
import { fieldsOfSide, type LinkageSpec, type TableSpec } from './spec.ts';

/** One row: name of a column → text. */
export type Row = ReadonlyMap<string, string>;

/** A table as linkage sees it: identifiers and canonical records, row by row. */
export type Table = {
  readonly ids: readonly string[];
  readonly records: readonly CanonicalRecord[];
};

export type Linked = Cascade & { readonly left: Table; readonly right: Table };

/** Names repeat; each spelling is folded once. Bounded, since a table need not fit the heap. */
const REMEMBERED = 200_000;

type Memory = Map<string, string | undefined>;

/**
 * Canonical records, one row after the other, so that the text of a table need not be in memory.
 * `add` refuses with INVALID_PARAMETER a row without identifier, a name in kanji or a My Number; the
 * detail has the table, the record from 1 and the field, never the value.
 */
export class TableReader {
  readonly #spec: TableSpec;
  readonly #side: Side;
  readonly #ids: string[] = [];
  readonly #records: CanonicalRecord[] = [];
  readonly #memories: ReadonlyMap<Field, Memory>;

  constructor(spec: TableSpec, side: Side) {
    this.#spec = spec;
    this.#side = side;
    this.#memories = new Map(Array.from(spec.columns.keys(), (field) => [field, new Map()]));
  }

  add(row: Row): void {
    const at = `${this.#side} table, record ${this.#ids.length + 1}`;
    const id = (row.get(this.#spec.id) ?? '').trim();
    check(id !== '', 'INVALID_PARAMETER', `${at}: no identifier`);
    const record: Partial<Record<Field, string>> = {};
    for (const [field, column] of this.#spec.columns) {
      const text = (row.get(column) ?? '').trim();
      if (text === '') continue;
      const form = this.#canonical(field, text, `${at}, ${field}`);
      if (form !== undefined) record[field] = form;
    }
    this.#ids.push(id);
    this.#records.push(record);
  }

  #canonical(field: Field, text: string, where: string): string | undefined {
    const memory = this.#memories.get(field);
    if (memory?.has(text) === true) return memory.get(text);
    const form = canonicalField(field, text, where);
    if (memory !== undefined && memory.size < REMEMBERED) memory.set(text, form);
    return form;
  }

  table(): Table {
    return { ids: this.#ids, records: this.#records };
  }
}

function readTable(rows: Iterable<Row>, spec: TableSpec, side: Side): Table {
  const reader = new TableReader(spec, side);
  for (const row of rows) reader.add(row);
  return reader.table();
}

/** Rows with one identifier are one person. */
function peopleOf(ids: readonly string[]): Uint32Array {
  const numbers = new Map<string, number>();
  return Uint32Array.from(ids, (id) => {
    const number = numbers.get(id) ?? numbers.size;
    numbers.set(id, number);
    return number;
  });
}

/** One pass at a time: only its keys are in memory. */
function* passColumns(
  tables: Readonly<Record<Side, Table>>,
  passes: readonly DefaultPass[],
  key: Secret,
): Generator<PassColumns> {
  const people = { left: peopleOf(tables.left.ids), right: peopleOf(tables.right.ids) };
  for (const { pass, doubtful } of passes) {
    const column = (side: Side): Column => ({
      people: people[side],
      keys: tables[side].records.map((record) => {
        const bytes = passKey(record, pass, side, key);
        return bytes === undefined ? undefined : Buffer.from(bytes).toString('latin1');
      }),
    });
    yield { pass, doubtful, left: column('left'), right: column('right') };
  }
}

/** Links two tables that were read. */
export function linkRecords(left: Table, right: Table, spec: LinkageSpec, secret: Secret): Linked {
  using key = keyOfStudy(secret);
  const passes =
    spec.passes?.map((pass) => ({ pass, doubtful: false })) ??
    defaultPasses(fieldsOfSide(spec, 'left'), fieldsOfSide(spec, 'right'));
  return { ...cascade(passColumns({ left, right }, passes, key), spec.match), left, right };
}

/** The pairs of rows, from 0, that `spec` links; `secret` is the study's. */
export const linkTables = (
  left: Iterable<Row>,
  right: Iterable<Row>,
  spec: LinkageSpec,
  secret: Secret,
): Linked =>
  linkRecords(
    readTable(left, spec.left, 'left'),
    readTable(right, spec.right, 'right'),
    spec,
    secret,
  );
