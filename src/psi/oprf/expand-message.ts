/**
 * expand_message_xmd (RFC 9380 section 5.3.1) over SHA-256 and SHA-512: a message and a domain
 * separation tag become uniform bytes, as a random oracle would give them.
 * @module
 */
import { hash } from 'node:crypto';
import { concat, utf8 } from '../../base/bytes.ts';
import { check } from '../../base/errors.ts';

type HashName = 'sha256' | 'sha512';

/** Bytes of a digest (b) and of an input block (s), RFC 9380 section 5.3.1. */
const SIZES = {
  sha256: { digest: 32, block: 64 },
  sha512: { digest: 64, block: 128 },
} as const;

/** I2OSP of one and of two bytes, big endian (RFC 8017 section 4.1). */
export const oneByte = (value: number): Uint8Array => Uint8Array.of(value);
export const twoBytes = (value: number): Uint8Array => Uint8Array.of(value >> 8, value & 0xff);

export function digest(name: HashName, bytes: Uint8Array): Uint8Array {
  const out = hash(name, bytes, 'buffer');
  return new Uint8Array(out.buffer, out.byteOffset, out.length);
}

/** The steps of section 5.3.1 for one tag and one length, so that many messages share the tag. */
export function messageExpander(
  name: HashName,
  tag: Uint8Array,
  length: number,
): (message: Uint8Array) => Uint8Array {
  const { digest: size, block } = SIZES[name];
  const ell = Math.ceil(length / size);
  check(ell <= 255 && length <= 65535, 'INVALID_PARAMETER', `${length} bytes to expand to`);
  check(tag.length > 0, 'INVALID_PARAMETER', 'empty domain separation tag');
  // Section 5.3.3: a longer tag is hashed.
  const short = tag.length <= 255 ? tag : digest(name, concat(utf8('H2C-OVERSIZE-DST-'), tag));
  const suffix = concat(short, oneByte(short.length));
  const padding = new Uint8Array(block);
  const head = concat(twoBytes(length), oneByte(0), suffix);

  return (message) => {
    const b0 = digest(name, concat(padding, message, head));
    const out = new Uint8Array(ell * size);
    let previous: Uint8Array = new Uint8Array(size);
    for (let i = 1; i <= ell; i++) {
      const mixed = b0.map((byte, at) => byte ^ (previous[at] ?? 0));
      previous = digest(name, concat(mixed, oneByte(i), suffix));
      out.set(previous, (i - 1) * size);
    }
    return out.subarray(0, length);
  };
}
