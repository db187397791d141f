/**
 * A table into encrypted columns, block by block of 8128 people, at the holder.
 *
 * Assumption  RLWE with the parameters of parameters.ts, and circular security (holder-key.ts).
 * Adversary   the sandbox that stores the columns, which may do what it likes with them.
 * Leakage     schema, number of blocks, and when and how much is uploaded. Not the number of rows
 *             inside the last block.
 * Memory      one block; ids of all people, to refuse a second row of one.
 * @module
 */
import { check } from '../../base/errors.ts';
import type { BlobCodec } from './blob.ts';
import { checkCodes, slotLayout } from './check-rows.ts';
import { type HolderKey, openSecretKey } from './holder-key.ts';
import { Scope, type SealSession } from './library.ts';
import { N, ROWS_PER_BLOCK } from './parameters.ts';
import {
  checkSchema,
  type Code,
  codeOf,
  type Physical,
  physicalColumns,
  type Raw,
  type Schema,
} from './schema.ts';

export type Row = { readonly person: string; readonly values: Readonly<Record<string, Raw>> };

export type ColumnBlock = {
  readonly block: number;
  /** Id of the physical column. */
  readonly column: string;
  /** Payload of kind `column`. */
  readonly blob: Uint8Array;
};

type Codes = ReadonlyMap<string, readonly Code[]>;

/** Column → codes of `rows`, in order. */
export const codesOf = (schema: Schema, rows: readonly Row[]): Codes =>
  new Map(
    Object.entries(schema).map(([name, column]) => [
      name,
      rows.map(({ values }) => codeOf(column, values[name] ?? null)),
    ]),
  );

/** Rows in groups of one block; at least one group. Refuses a person's second row. */
function* inBlocks(rows: Iterable<Row>): Generator<Row[]> {
  const people = new Set<string>();
  let block: Row[] = [];
  for (const row of rows) {
    check(!people.has(row.person), 'INVALID_PARAMETER', 'two rows of one person');
    people.add(row.person);
    block.push(row);
    if (block.length < ROWS_PER_BLOCK) continue;
    yield block;
    block = [];
  }
  if (block.length > 0 || people.size === 0) yield block;
}

function place(
  slots: Uint16Array,
  codes: readonly Code[],
  column: Physical,
  into: Int32Array,
): void {
  codes.forEach((code, i) => {
    into[slots[i] ?? 0] = column.of(code);
  });
}

/** Every physical column of every block, block after block. The session serves nothing else meanwhile. */
export function* encryptColumns(
  session: SealSession,
  codec: BlobCodec,
  key: HolderKey,
  schema: Schema,
  rows: Iterable<Row>,
): Generator<ColumnBlock> {
  checkSchema(schema);
  using scope = new Scope();
  const { seal, context, encoder } = session;
  const secret = openSecretKey(session, codec, key, scope);
  const generator = scope.own(seal.KeyGenerator(context, secret));
  const publicKey = scope.own(generator.createPublicKey());
  const encryptor = scope.own(seal.Encryptor(context, publicKey, secret));
  const plaintext = scope.own(seal.PlainText());
  const layout = slotLayout(key.check);
  const columns = physicalColumns(schema);
  let block = 0;
  for (const part of inBlocks(rows)) {
    const people = codesOf(schema, part);
    const checks: Codes = new Map(
      Object.entries(schema).map(([name, column]) => [
        name,
        checkCodes(key.check, name, column, block),
      ]),
    );
    for (const column of columns) {
      const slots = new Int32Array(N);
      place(layout.people, people.get(column.column) ?? [], column, slots);
      place(layout.checks, checks.get(column.column) ?? [], column, slots);
      encoder.encode(slots, plaintext);
      using once = new Scope();
      const fresh = once.own(encryptor.encryptSymmetricSerializable(plaintext));
      yield { block, column: column.id, blob: codec.fromSeal('column', session.saved(fresh)) };
    }
    block += 1;
  }
}
