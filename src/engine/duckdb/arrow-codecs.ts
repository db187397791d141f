/**
 * What apache-arrow decompresses the buffers of a record batch with (Arrow columnar format,
 * "Compression of record batch buffers"): a length of 8 bytes, then one frame of LZ4 or Zstandard.
 *
 * LZ4, with which Feather files are written unless asked otherwise, is lz4-frame.ts. Zstandard is
 * Node's own, from 22.15 on; before that such a file is refused. Both stop at the length that
 * stands in front of the frame, and give that length or nothing: `checkLengths` adds up these
 * lengths before anything is decompressed, so that a small file cannot become a large one.
 *
 * apache-arrow has one registry of codecs for the whole process.
 * @module
 */
import type { FileHandle } from 'node:fs/promises';
import * as zlib from 'node:zlib';
import { CompressionType, compressionRegistry } from 'apache-arrow';
import { check } from '../../base/errors.ts';
import { decodeLz4Frame } from './lz4-frame.ts';

const PREFIX = 8;
/** The length of a buffer that is not compressed, though the others are. */
const PLAIN = -1n;

type Decode = (frame: Uint8Array, length: number) => Uint8Array | undefined;

/** Not in Node 20, nor in its types. */
function zstandard(): Decode | undefined {
  const node = zlib as unknown as {
    readonly zstdDecompressSync?: (
      bytes: Uint8Array,
      options: { readonly maxOutputLength: number },
    ) => Uint8Array;
  };
  const { zstdDecompressSync } = node;
  if (zstdDecompressSync === undefined) return undefined;
  return (frame, length) => zstdDecompressSync(frame, { maxOutputLength: Math.max(1, length) });
}

/** apache-arrow hands over the frame as a view behind its length. */
function lengthBefore({ buffer, byteOffset }: Uint8Array): number {
  const at = byteOffset - PREFIX;
  return at < 0 ? -1 : Number(new DataView(buffer, at, PREFIX).getBigInt64(0, true));
}

const codec = (decode: Decode) => ({
  decode: (frame: Uint8Array): Uint8Array => {
    const length = lengthBefore(frame);
    const content = length < 0 ? undefined : decode(frame, length);
    // Seen by arrow-file.ts only, which says that the data are damaged.
    if (content?.length !== length) throw new RangeError('compressed buffer');
    return content;
  },
});

export function registerCodecs(): void {
  compressionRegistry.set(CompressionType.LZ4_FRAME, codec(decodeLz4Frame));
  const zstd = zstandard();
  if (zstd !== undefined) compressionRegistry.set(CompressionType.ZSTD, codec(zstd));
}

/** What a message says of a record batch. */
type Batch = {
  readonly compression: unknown;
  readonly buffers: readonly { readonly offset: unknown; readonly length: unknown }[];
};

/** The bytes that the buffers of a batch at `body` will have; refuses more than `most`. */
export async function checkLengths(
  handle: FileHandle,
  { compression, buffers }: Batch,
  body: number,
  { most, name }: { readonly most: number; readonly name: string },
): Promise<void> {
  if (compression === null || compression === undefined) return;
  let total = 0n;
  for (const { offset, length } of buffers) {
    const [at, size] = [Number(offset), Number(length)];
    if (size === 0) continue;
    const prefix = Buffer.alloc(PREFIX);
    const { bytesRead } = await handle.read(prefix, 0, PREFIX, body + at);
    const bytes = prefix.readBigInt64LE(0);
    const intact = size >= PREFIX && bytesRead === PREFIX && bytes >= PLAIN;
    check(intact, 'COHORT_UNREADABLE', `${name}: damaged Arrow data`);
    total += bytes === PLAIN ? BigInt(size) : bytes;
    check(
      total <= BigInt(most),
      'COHORT_UNREADABLE',
      `${name}: a record batch of more than ${most} bytes`,
    );
  }
}
