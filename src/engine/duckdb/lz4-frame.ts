/**
 * Decompression of one LZ4 frame (LZ4 Frame Format 1.6.4; blocks by LZ4 Block Format): what Feather
 * files have around their buffers unless they were written without.
 *
 *     frame  = magic, FLG, BD, [content size], header checksum, { block }, 0, [content checksum]
 *     block  = size (its highest bit: stored as it is), data, [block checksum]
 *     data   = { token, [more literal lengths], literals, offset, [more match lengths] }
 *
 * Nothing of the frame is believed: every checksum that is there is checked, every length is held
 * against what is left, and the output never grows beyond a limit. A frame that needs a dictionary
 * is refused, and so is anything behind the frame.
 * @module
 */
import { xxHash32 } from './xxhash32.ts';

const MAGIC = 0x184d2204;
const STORED = 0x80000000;
const LEAST_MATCH = 4;
/** Both halves of a token: this much, and more follows. */
const MORE = 15;

/** What is wrong with a frame; turned into a refusal by whoever knows the file. */
class DamagedFrame extends Error {}

function demand(condition: boolean): asserts condition {
  if (!condition) throw new DamagedFrame();
}

/** Bytes that are written once, in a buffer that doubles up to a limit. */
class Output {
  #bytes: Uint8Array;
  readonly #limit: number;
  length = 0;

  constructor(expected: number, limit: number) {
    demand(expected <= limit);
    this.#bytes = new Uint8Array(expected);
    this.#limit = limit;
  }

  get written(): Uint8Array {
    return this.#bytes.subarray(0, this.length);
  }

  /** Makes room for `more` bytes and returns the buffer, which may be another one than before. */
  room(more: number): Uint8Array {
    const needed = this.length + more;
    demand(needed <= this.#limit);
    if (needed > this.#bytes.length) {
      const size = Math.min(this.#limit, Math.max(needed, 2 * this.#bytes.length));
      const bytes = new Uint8Array(size);
      bytes.set(this.written);
      this.#bytes = bytes;
    }
    return this.#bytes;
  }

  add(part: Uint8Array): void {
    this.room(part.length).set(part, this.length);
    this.length += part.length;
  }

  /** Repeats `length` bytes from `offset` back; they may overlap with what is written. */
  repeat(offset: number, length: number, oldest: number): void {
    const from = this.length - offset;
    demand(offset > 0 && from >= oldest);
    const bytes = this.room(length);
    if (offset >= length) bytes.copyWithin(this.length, from, from + length);
    else for (let i = 0; i < length; i += 1) bytes[this.length + i] = bytes[from + i] ?? 0;
    this.length += length;
  }
}

/** Decompresses one block; its matches reach back to `oldest`. */
function decodeBlock(block: Uint8Array, output: Output, oldest: number): void {
  let at = 0;
  const lengthFrom = (nibble: number): number => {
    let length = nibble;
    if (nibble !== MORE) return length;
    for (let byte = 255; byte === 255; at += 1) {
      byte = block[at] ?? -1;
      demand(byte >= 0);
      length += byte;
    }
    return length;
  };
  for (;;) {
    const token = block[at] ?? -1;
    demand(token >= 0);
    at += 1;
    const literals = lengthFrom(token >> 4);
    demand(at + literals <= block.length);
    output.add(block.subarray(at, at + literals));
    at += literals;
    // The last sequence has no match.
    if (at === block.length) return;
    demand(at + 2 <= block.length);
    const offset = (block[at] ?? 0) | ((block[at + 1] ?? 0) << 8);
    at += 2;
    output.repeat(offset, lengthFrom(token & MORE) + LEAST_MATCH, oldest);
  }
}

type Header = {
  readonly independent: boolean;
  readonly blockChecksums: boolean;
  readonly contentChecksum: boolean;
  readonly contentSize: number | undefined;
  readonly largestBlock: number;
  readonly end: number;
};

function readHeader(frame: Uint8Array, view: DataView): Header {
  demand(frame.length >= 7 && view.getUint32(0, true) === MAGIC);
  const [flags, sizes] = [view.getUint8(4), view.getUint8(5)];
  // Version 01, no reserved bit, no dictionary.
  demand(flags >> 6 === 1 && (flags & 0b11) === 0);
  demand((sizes & 0b1000_1111) === 0 && sizes >> 4 >= 4);
  const sized = (flags & 0b1000) !== 0;
  const end = sized ? 14 : 6;
  demand(frame.length > end);
  const contentSize = sized ? Number(view.getBigUint64(6, true)) : undefined;
  demand(view.getUint8(end) === ((xxHash32(frame.subarray(4, end)) >>> 8) & 0xff));
  return {
    independent: (flags & 0b10_0000) !== 0,
    blockChecksums: (flags & 0b1_0000) !== 0,
    contentChecksum: (flags & 0b100) !== 0,
    contentSize,
    // 64 KiB, 256 KiB, 1 MiB, 4 MiB.
    largestBlock: 1 << (8 + 2 * (sizes >> 4)),
    end: end + 1,
  };
}

function decode(frame: Uint8Array, limit: number): Uint8Array {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  const word = (at: number): number => {
    demand(at + 4 <= frame.length);
    return view.getUint32(at, true);
  };
  const header = readHeader(frame, view);
  // No sequence says more than 255 bytes a byte, so no frame holds more.
  demand((header.contentSize ?? 0) <= 255 * frame.length);
  const output = new Output(header.contentSize ?? Math.min(limit, 4 * frame.length), limit);
  let at = header.end;
  for (let size = word(at); size !== 0; size = word(at)) {
    const length = size % STORED;
    const start = at + 4;
    at = start + length;
    demand(length <= header.largestBlock && at <= frame.length);
    const block = frame.subarray(start, at);
    const before = output.length;
    if (size >= STORED) output.add(block);
    else decodeBlock(block, output, header.independent ? before : 0);
    demand(output.length - before <= header.largestBlock);
    if (header.blockChecksums) {
      demand(word(at) === xxHash32(block));
      at += 4;
    }
  }
  at += 4;
  if (header.contentChecksum) {
    demand(word(at) === xxHash32(output.written));
    at += 4;
  }
  demand(at === frame.length);
  demand(header.contentSize === undefined || header.contentSize === output.length);
  return output.written;
}

/** The content of `frame`; undefined where it is damaged or larger than `limit` bytes. */
export function decodeLz4Frame(frame: Uint8Array, limit: number): Uint8Array | undefined {
  try {
    return decode(frame, limit);
  } catch (error) {
    if (error instanceof DamagedFrame) return undefined;
    throw error;
  }
}
