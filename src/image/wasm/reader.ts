/**
 * Reads the bytes of a WebAssembly binary (core specification 2.0, section 5.2): fixed bytes, LEB128
 * integers, vectors, names. Whatever is not there, or is longer than its type allows, is refused with
 * IMAGE_REJECTED; nothing is allocated for a length before the bytes for it are known to be there.
 * @module
 */
import { fromUtf8 } from '../../base/bytes.ts';
import { rejectImage } from '../reject.ts';

export class ByteReader {
  readonly bytes: Uint8Array;
  at: number;
  readonly end: number;

  constructor(bytes: Uint8Array, at = 0, end = bytes.length) {
    this.bytes = bytes;
    this.at = at;
    this.end = end;
  }

  get done(): boolean {
    return this.at >= this.end;
  }

  byte(): number {
    const value = this.at < this.end ? this.bytes[this.at] : undefined;
    if (value === undefined) rejectImage('WASM_TRUNCATED');
    this.at += 1;
    return value;
  }

  take(length: number): Uint8Array {
    if (length > this.end - this.at) rejectImage('WASM_TRUNCATED');
    const taken = this.bytes.subarray(this.at, this.at + length);
    this.at += length;
    return taken;
  }

  /** The next `length` bytes as a reader of their own. */
  part(length: number): ByteReader {
    if (length > this.end - this.at) rejectImage('WASM_TRUNCATED');
    const own = new ByteReader(this.bytes, this.at, this.at + length);
    this.at += length;
    return own;
  }

  /** Section 5.2.2: at most ceil(32 / 7) = 5 bytes, the unused bits of the last one zero. */
  u32(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.byte();
      if (shift === 28 && byte > 0x0f) rejectImage('WASM_MALFORMED');
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    rejectImage('WASM_MALFORMED');
  }

  /** A signed integer of `bits` bits. */
  signed(bits: 32 | 33 | 64): bigint {
    let value = 0n;
    const most = Math.ceil(bits / 7);
    for (let i = 0; i < most; i += 1) {
      const byte = this.byte();
      value |= BigInt(byte & 0x7f) << BigInt(7 * i);
      if (byte >= 0x80) continue;
      const short = BigInt.asIntN(7 * (i + 1), value);
      // The bits beyond the type are copies of the sign.
      if (BigInt.asIntN(bits, short) !== short) rejectImage('WASM_MALFORMED');
      return short;
    }
    rejectImage('WASM_MALFORMED');
  }

  /** How many items follow; each takes at least one byte, so that a length cannot promise more. */
  count(most: number): number {
    const length = this.u32();
    if (length > most) rejectImage('WASM_LIMIT');
    if (length > this.end - this.at) rejectImage('WASM_TRUNCATED');
    return length;
  }

  vector<T>(most: number, item: () => T): T[] {
    const items: T[] = [];
    for (let left = this.count(most); left > 0; left -= 1) items.push(item());
    return items;
  }

  name(most: number): string {
    const bytes = this.take(this.u32());
    if (bytes.length > most) rejectImage('WASM_LIMIT');
    try {
      return fromUtf8(bytes);
    } catch {
      rejectImage('WASM_MALFORMED');
    }
  }
}
