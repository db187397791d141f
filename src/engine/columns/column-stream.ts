/**
 * Batches of encrypted columns as an Arrow IPC stream, a record batch each, and back.
 *
 *     number: uint32   table: utf8   salt: binary   digest: binary      the same in every row of a batch
 *     block: uint32    column: utf8  blob: binary                      one ciphertext a row
 *
 * Both directions are pure functions of async iterables; memory is one batch. Any Arrow
 * reader opens the stream; ours accepts no schema message but the one that it would write itself. A batch is
 * what its digest says or it is refused; that the digest is the holder's is for its signature to say.
 * @module
 */
import {
  Binary,
  Field,
  makeData,
  RecordBatch,
  RecordBatchStreamWriter,
  Schema,
  Struct,
  type Table,
  tableFromIPC,
  Uint32,
  Utf8,
} from 'apache-arrow';
import { concat, fromHex, toHex, utf8 } from '../../base/bytes.ts';
import { check, refuseAs } from '../../base/errors.ts';
import type { Digest } from '../../base/hash.ts';
import { blobBytes } from '../../he/seal/blob.ts';
import type { ColumnBlock } from '../../he/seal/encrypt-columns.ts';
import { type ArrowMessage, arrowMessages, END_OF_STREAM } from './arrow-messages.ts';
import { batchDigest, MOST_BLOCKS, SALT_BYTES, type UploadBatch } from './upload-batch.ts';

const INTEGERS = ['number', 'block'] as const;
const TEXTS = ['table', 'column'] as const;
const BYTES = ['salt', 'digest', 'blob'] as const;

const SCHEMA = new Schema([
  ...INTEGERS.map((name) => new Field(name, new Uint32(), false)),
  ...TEXTS.map((name) => new Field(name, new Utf8(), false)),
  ...BYTES.map((name) => new Field(name, new Binary(), false)),
]);

const offsets = (parts: readonly Uint8Array[]): Int32Array => {
  const out = new Int32Array(parts.length + 1);
  parts.forEach((part, i) => {
    out[i + 1] = (out[i] ?? 0) + part.length;
  });
  return out;
};

const integers = (values: readonly number[]) =>
  makeData({
    type: new Uint32(),
    length: values.length,
    nullCount: 0,
    data: Uint32Array.from(values),
  });

const variable = <T extends Utf8 | Binary>(type: T, parts: readonly Uint8Array[]) => ({
  type,
  length: parts.length,
  nullCount: 0,
  valueOffsets: offsets(parts),
  data: concat(...parts),
});

/** Schema message and batch message of one batch. */
async function messagesOf(batch: UploadBatch): Promise<ArrowMessage[]> {
  const { blocks } = batch;
  const digest = fromHex(batchDigest(batch));
  const texts = (of: (block: ColumnBlock) => string) =>
    makeData(
      variable(
        new Utf8(),
        blocks.map((block) => utf8(of(block))),
      ),
    );
  const bytes = (of: (block: ColumnBlock) => Uint8Array) =>
    makeData(variable(new Binary(), blocks.map(of)));
  const children = [
    integers(blocks.map(() => batch.number)),
    integers(blocks.map(({ block }) => block)),
    texts(() => batch.table),
    texts(({ column }) => column),
    bytes(() => batch.salt),
    bytes(() => digest),
    bytes(({ blob }) => blob),
  ];
  const type = new Struct(SCHEMA.fields);
  const data = makeData({ type, length: blocks.length, nullCount: 0, children });
  const writer = RecordBatchStreamWriter.writeAll([new RecordBatch(SCHEMA, data)]);
  const messages: ArrowMessage[] = [];
  const written = async function* (): AsyncGenerator<Uint8Array> {
    yield writer.toUint8Array(true);
  };
  for await (const message of arrowMessages(written())) messages.push(message);
  return messages;
}

/** The schema message, the same bytes for ever. */
async function schemaMessage(): Promise<Uint8Array> {
  const empty = { table: '', number: 0, salt: new Uint8Array(SALT_BYTES), blocks: [] };
  return (await messagesOf(empty))[0]?.bytes ?? new Uint8Array();
}

/** The stream of `batches`; of none, a stream without record batches. */
export async function* encodeColumnStream(
  batches: AsyncIterable<UploadBatch> | Iterable<UploadBatch>,
): AsyncGenerator<Uint8Array> {
  yield await schemaMessage();
  for await (const batch of batches) {
    const { length } = batch.blocks;
    check(length >= 1 && length <= MOST_BLOCKS, 'INVALID_PARAMETER', `${length} ciphertexts`);
    for (const { kind, bytes } of await messagesOf(batch)) if (kind === 'batch') yield bytes;
  }
  yield END_OF_STREAM;
}

/** The values of a column of known type, copied out of the message. */
function valuesOf(table: Table, name: string): unknown[] {
  const values = [...(table.getChild(name) ?? [])] as unknown[];
  return values.map((value) => (value instanceof Uint8Array ? value.slice() : value));
}

const constant = <T>(values: readonly T[], same: (a: T, b: T) => boolean): T => {
  const [first] = values;
  check(
    first !== undefined && values.every((value) => same(value, first)),
    'MALFORMED_MESSAGE',
    'batch differs within itself',
  );
  return first;
};

const sameBytes = (a: Uint8Array, b: Uint8Array): boolean => toHex(a) === toHex(b);

/** A batch and its digest, from a record batch of our schema. */
function batchOf(table: Table): { batch: UploadBatch; digest: Digest } {
  const count = table.numRows;
  check(count >= 1 && count <= MOST_BLOCKS, 'MALFORMED_MESSAGE', `${count} ciphertexts`);
  const column = (name: string): unknown[] => valuesOf(table, name);
  const [names, blobs] = [column('column') as string[], column('blob') as Uint8Array[]];
  const blocks = (column('block') as number[]).map((block, i) => {
    const blob = blobs[i] ?? new Uint8Array();
    check(blob.length === blobBytes('column'), 'MALFORMED_MESSAGE', 'ciphertext length');
    return { block, column: names[i] ?? '', blob };
  });
  const batch = {
    table: constant(column('table') as string[], (a, b) => a === b),
    number: constant(column('number') as number[], (a, b) => a === b),
    salt: constant(column('salt') as Uint8Array[], sameBytes),
    blocks,
  };
  const digest = toHex(constant(column('digest') as Uint8Array[], sameBytes));
  check(batch.salt.length === SALT_BYTES, 'MALFORMED_MESSAGE', 'salt length');
  check(batchDigest(batch) === digest, 'MALFORMED_MESSAGE', 'batch is not what its digest says');
  return { batch, digest };
}

/**
 * New batches of a stream, in its order, each with its digest.
 *
 * @param arrived number → digest of the batches that are stored already. One of the same number and digest
 *   is passed over; of the same number with another digest, SEQUENCE_CONFLICT.
 * Refuses with MALFORMED_MESSAGE what is not such a stream or not `table`'s.
 */
export async function* decodeColumnStream(
  chunks: AsyncIterable<Uint8Array>,
  table: string,
  arrived: ReadonlyMap<number, Digest> = new Map(),
): AsyncGenerator<{ readonly batch: UploadBatch; readonly digest: Digest }> {
  const schema = await schemaMessage();
  const seen = new Map(arrived);
  let first = true;
  for await (const { kind, bytes } of arrowMessages(chunks)) {
    check((kind === 'schema') === first, 'MALFORMED_MESSAGE', 'schema is not first');
    if (first) check(sameBytes(bytes, schema), 'MALFORMED_MESSAGE', 'another schema');
    first = false;
    if (kind === 'schema') continue;
    const found = refuseAs('MALFORMED_MESSAGE', 'damaged record batch', () =>
      batchOf(tableFromIPC(concat(schema, bytes, END_OF_STREAM))),
    );
    check(found.batch.table === table, 'MALFORMED_MESSAGE', 'batch of another table');
    const { number } = found.batch;
    const before = seen.get(number);
    check(before === undefined || before === found.digest, 'SEQUENCE_CONFLICT', `batch ${number}`);
    seen.set(number, found.digest);
    if (before === undefined) yield found;
  }
  check(!first, 'MALFORMED_MESSAGE', 'no schema');
}
