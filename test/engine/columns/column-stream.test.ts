/** The upload container: what goes in comes out, once, and nothing else comes out. */
import { deepStrictEqual, equal, rejects } from 'node:assert/strict';
import { tableFromIPC } from 'apache-arrow';
import { describe, test } from 'vitest';
import { concat } from '../../../src/base/bytes.ts';
import {
  decodeColumnStream,
  encodeColumnStream,
} from '../../../src/engine/columns/column-stream.ts';
import {
  batchDigest,
  inBatches,
  type UploadBatch,
} from '../../../src/engine/columns/upload-batch.ts';
import { blobBytes } from '../../../src/he/seal/blob.ts';
import type { ColumnBlock } from '../../../src/he/seal/encrypt-columns.ts';
import { seededRng } from '../../he/support.ts';
import { refusal } from '../../support/refusal.ts';

const fill = seededRng('blobs');
const BLOCKS: ColumnBlock[] = [0, 1].flatMap((block) =>
  ['age', 'sex=0', 'sex=1'].map((column) => ({ block, column, blob: fill(blobBytes('column')) })),
);
const batches = async (from = 0): Promise<UploadBatch[]> => {
  const made: UploadBatch[] = [];
  const options = { size: 4, rng: seededRng('salt'), from };
  for await (const batch of inBatches('t', BLOCKS, options)) made.push(batch);
  return made;
};
const BATCHES = await batches();

async function bytesOf(batches: Iterable<UploadBatch>): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const part of encodeColumnStream(batches)) parts.push(part);
  return concat(...parts);
}

/** The bytes in pieces of an odd size. */
async function* pieces(bytes: Uint8Array, size = 99_991): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function decoded(
  bytes: Uint8Array,
  arrived?: ReadonlyMap<number, string>,
): Promise<UploadBatch[]> {
  const out: UploadBatch[] = [];
  for await (const { batch } of decodeColumnStream(pieces(bytes), 't', arrived)) out.push(batch);
  return out;
}

describe('round trip', () => {
  test('batches come back as they went', async () => {
    deepStrictEqual(
      BATCHES.map(({ number, blocks }) => [number, blocks.length]),
      [
        [0, 4],
        [1, 2],
      ],
    );
    deepStrictEqual(await decoded(await bytesOf(BATCHES)), BATCHES);
    deepStrictEqual(await decoded(await bytesOf([])), []);
  });

  test('any Arrow reader opens it', async () => {
    const table = tableFromIPC(await bytesOf(BATCHES));
    equal(table.numRows, BLOCKS.length);
    deepStrictEqual(
      [...(table.getChild('column') ?? [])],
      BLOCKS.map(({ column }) => column),
    );
  });
});

describe('resuming', () => {
  test('only what has not arrived is sent, and what arrives twice counts once', async () => {
    const first = batchDigest(BATCHES[0]!);
    // A salt is drawn for what is sent only: the first one here is that of batch 0 there.
    const [{ salt } = { salt: undefined }] = BATCHES;
    deepStrictEqual(
      await batches(1),
      BATCHES.slice(1).map((batch) => ({ ...batch, salt })),
    );
    deepStrictEqual(await decoded(await bytesOf(BATCHES), new Map([[0, first]])), BATCHES.slice(1));
    deepStrictEqual(await decoded(await bytesOf([...BATCHES, ...BATCHES])), BATCHES);
  });

  test('the same number with other content is a conflict', async () => {
    const other = { ...BATCHES[0]!, salt: new Uint8Array(32) };
    const bytes = await bytesOf([...BATCHES, other]);
    await rejects(decoded(bytes), refusal('SEQUENCE_CONFLICT'));
    const stored = new Map([[1, batchDigest(BATCHES[0]!)]]);
    await rejects(decoded(await bytesOf(BATCHES), stored), refusal('SEQUENCE_CONFLICT'));
  });

  test('digests tell batches apart by table, number, place and salt', () => {
    const [batch] = BATCHES as [UploadBatch];
    const [block, ...others] = batch.blocks as [ColumnBlock, ...ColumnBlock[]];
    const variants: UploadBatch[] = [
      batch,
      { ...batch, table: 'u' },
      { ...batch, number: 7 },
      { ...batch, salt: batch.salt.map((byte) => byte ^ 1) },
      { ...batch, blocks: others },
      { ...batch, blocks: [{ ...block, column: 'bge' }, ...others] },
      { ...batch, blocks: [{ ...block, block: 9 }, ...others] },
    ];
    equal(new Set(variants.map(batchDigest)).size, variants.length);
  });
});

describe('refusals', () => {
  const malformed = refusal('MALFORMED_MESSAGE');

  test('every truncation and bytes behind the end', async () => {
    const bytes = await bytesOf(BATCHES);
    equal((await decoded(bytes)).length, 2);
    for (const length of [0, 3, 8, 200, 1000, 500_000, bytes.length - 8, bytes.length - 1]) {
      await rejects(decoded(bytes.subarray(0, length)), malformed, `${length} bytes`);
    }
    await rejects(decoded(concat(bytes, new Uint8Array(1))), malformed);
    await rejects(decoded(concat(bytes, bytes)), malformed);
  });

  test('flipped bits: in the schema, the metadata, the ciphertexts', async () => {
    const bytes = await bytesOf(BATCHES);
    const flips = Array.from({ length: 120 }, (_, i) => i * 17);
    for (const at of [...flips, 500_000, 700_000, bytes.length - 100, bytes.length - 4]) {
      const damaged = bytes.slice();
      damaged[at] = (damaged[at] ?? 0) ^ 0x40;
      const outcome = await decoded(damaged).catch((error: unknown) => error);
      // A bit of padding may flip unseen; what comes out is what went in or nothing does.
      if (Array.isArray(outcome)) deepStrictEqual(outcome, BATCHES, `byte ${at}`);
      else equal(malformed(outcome), true, `byte ${at}`);
    }
  });

  test('another table, and ciphertexts of another length', async () => {
    const stranger = [{ ...BATCHES[0]!, table: 'u' }];
    await rejects(decoded(await bytesOf(stranger)), malformed);
    const short = [{ ...BATCHES[0]!, blocks: [{ ...BLOCKS[0]!, blob: new Uint8Array(5) }] }];
    await rejects(decoded(await bytesOf(short)), malformed);
    await rejects(bytesOf([{ ...BATCHES[0]!, blocks: [] }]), refusal('INVALID_PARAMETER'));
  });
});
