/**
 * XXH32, the checksum of LZ4 frames (xxHash specification 0.1.1, "XXH32 Algorithm Description").
 * It finds damage, not malice.
 * @module
 */

const [P1, P2, P3, P4, P5] = [0x9e3779b1, 0x85ebca77, 0xc2b2ae3d, 0x27d4eb2f, 0x165667b1] as const;
const STRIPE = 16;

const rotated = (x: number, bits: number): number => (x << bits) | (x >>> (32 - bits));

const round = (lane: number, input: number): number =>
  Math.imul(rotated((lane + Math.imul(input, P2)) | 0, 13), P1);

/** The hash of `bytes` with the seed 0, as an unsigned 32-bit number. */
export function xxHash32(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const word = (at: number): number => view.getInt32(at, true);
  let at = 0;
  let hash = P5 | 0;
  if (bytes.length >= STRIPE) {
    let [a, b, c, d] = [(P1 + P2) | 0, P2 | 0, 0, -P1 | 0];
    for (; at + STRIPE <= bytes.length; at += STRIPE) {
      a = round(a, word(at));
      b = round(b, word(at + 4));
      c = round(c, word(at + 8));
      d = round(d, word(at + 12));
    }
    hash = (rotated(a, 1) + rotated(b, 7) + rotated(c, 12) + rotated(d, 18)) | 0;
  }
  hash = (hash + bytes.length) | 0;
  for (; at + 4 <= bytes.length; at += 4) {
    hash = Math.imul(rotated((hash + Math.imul(word(at), P3)) | 0, 17), P4);
  }
  for (; at < bytes.length; at += 1) {
    hash = Math.imul(rotated((hash + Math.imul(bytes[at] ?? 0, P5)) | 0, 11), P1);
  }
  hash = Math.imul(hash ^ (hash >>> 15), P2);
  hash = Math.imul(hash ^ (hash >>> 13), P3);
  return (hash ^ (hash >>> 16)) >>> 0;
}
