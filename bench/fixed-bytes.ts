/** Bytes that are the same in every run: AES-128-CTR of zeros. */
import { createCipheriv } from 'node:crypto';

export function fixedBytes(length: number, seed: number): Uint8Array {
  const iv = Buffer.alloc(16);
  iv.writeUInt32LE(seed);
  const cipher = createCipheriv('aes-128-ctr', Buffer.alloc(16), iv);
  return new Uint8Array(cipher.update(new Uint8Array(length)));
}
