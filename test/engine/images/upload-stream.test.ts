/** Tables as the bytes of an upload, and what is no upload of its size and columns. */
import { deepStrictEqual, rejects, strictEqual } from 'node:assert/strict';
import { describe, test } from 'vitest';
import { CHUNK_BYTES, type UploadSize } from '../../../src/cohort/upload-size.ts';
import { readUpload, writeUpload } from '../../../src/engine/images/upload-stream.ts';
import { listed, tableOf } from '../../support/image-lab.ts';
import { refusal } from '../../support/refusal.ts';

const COLUMNS = [{ name: 'age', type: 'int64' }] as const;
const size: UploadSize = {
  ...{ tables: 2, rows: 3, bytes: 4096, chunks: 1 },
  ...{ answerBytes: 16, answerChunks: 1 },
};
const TABLES = [tableOf(1n, 2n), tableOf(3n)];

type Reading = { readonly columns: Parameters<typeof readUpload>[1]; readonly within: UploadSize };

async function* chunks(...all: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  for (const one of all) yield one.slice();
}

async function written(tables: readonly Uint8Array[], within = size): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const part of writeUpload(listed(tables), COLUMNS, within, { places: [] })) {
    parts.push(part.slice());
  }
  return new Uint8Array(Buffer.concat(parts));
}

async function read(
  parts: readonly Uint8Array[],
  { columns = COLUMNS, within = size }: Partial<Reading> = {},
) {
  const tables: Uint8Array[] = [];
  for await (const { index, table } of readUpload(chunks(...parts), columns, within)) {
    strictEqual(index, tables.length);
    tables.push(table.slice());
  }
  return tables;
}

describe('an upload', () => {
  test('comes out as it went in, wherever its chunks were cut', async () => {
    const bytes = await written(TABLES);
    strictEqual(bytes.length, size.bytes);
    deepStrictEqual(await read([bytes]), TABLES);
    deepStrictEqual(await read([bytes.subarray(0, 9), bytes.subarray(9)]), TABLES);
    const large = await written([], { ...size, bytes: CHUNK_BYTES + 1 });
    deepStrictEqual([large.length, large.every((byte) => byte === 0)], [CHUNK_BYTES + 1, true]);
  });

  test('that ends in a table, or is of other columns, is malformed', async () => {
    const bytes = await written(TABLES);
    const malformed = refusal('MALFORMED_MESSAGE');
    await rejects(read([]), malformed);
    await rejects(read([bytes.subarray(0, 20)]), malformed);
    await rejects(read([bytes], { columns: [{ name: 'age', type: 'date32' }] }), malformed);
    await rejects(read([bytes], { columns: [...COLUMNS, ...COLUMNS] }), malformed);
  });

  test('of more rows or tables than its size has, or of a table beyond it, is too large', async () => {
    const bytes = await written(TABLES);
    const large = refusal('PAYLOAD_TOO_LARGE');
    await rejects(read([bytes], { within: { ...size, rows: 2 } }), large);
    await rejects(read([bytes], { within: { ...size, tables: 1 } }), large);
    const beyond = bytes.slice();
    new DataView(beyond.buffer).setUint32(0, size.bytes, true);
    await rejects(read([beyond]), large);
  });
});
