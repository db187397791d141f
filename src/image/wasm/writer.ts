/** Writes parts of a WebAssembly binary: LEB128 integers, vectors, sections. @module */
import { concat, concatAll, utf8 } from '../../base/bytes.ts';

export function u32(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  do {
    const low = rest % 128;
    rest = Math.floor(rest / 128);
    bytes.push(rest > 0 ? low | 0x80 : low);
  } while (rest > 0);
  return Uint8Array.from(bytes);
}

export function signed(value: bigint): Uint8Array {
  const bytes: number[] = [];
  for (let rest = value; ; rest >>= 7n) {
    const low = Number(rest & 0x7fn);
    const last = rest >> 6n === 0n || rest >> 6n === -1n;
    bytes.push(last ? low : low | 0x80);
    if (last) return Uint8Array.from(bytes);
  }
}

export const bytes = (...values: readonly number[]): Uint8Array => Uint8Array.from(values);

export const vector = (items: readonly Uint8Array[]): Uint8Array =>
  concatAll([u32(items.length), ...items]);

export function name(text: string): Uint8Array {
  const encoded = utf8(text);
  return concat(u32(encoded.length), encoded);
}

export const sized = (content: Uint8Array): Uint8Array => concat(u32(content.length), content);

export const section = (id: number, content: Uint8Array): Uint8Array =>
  concat(bytes(id), sized(content));

export const HEADER = bytes(0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00);
