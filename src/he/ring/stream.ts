/**
 * Key streams for the samplers, in pieces: AES-256-CTR (SP 800-38A) through node:crypto, which makes
 * some 4 bytes a nanosecond from calls of 64 KiB and loses a microsecond a call.
 * @module
 */
import { createCipheriv } from 'node:crypto';
import { check } from '../../base/errors.ts';

/** Public zeros to encrypt; the longest piece asked for so far. */
let zeros = new Uint8Array(0);

/** A stream of a 32-byte key: pieces follow each other without a gap. */
export type PieceStream = (length: number) => Uint8Array;

/**
 * @param key secret or public; one stream for one key, but for `nonce`.
 * @param nonce top half of the first counter block.
 * @param block number of the first 16-byte block, below 2^53.
 */
export function pieceStream(key: Uint8Array, nonce = 0, block = 0): PieceStream {
  check(key.length === 32, 'INVALID_PARAMETER', 'stream key length');
  const counter = new DataView(new ArrayBuffer(16));
  counter.setBigUint64(0, BigInt(nonce));
  counter.setBigUint64(8, BigInt(block));
  const cipher = createCipheriv('aes-256-ctr', key, new Uint8Array(counter.buffer));
  return (length) => {
    if (zeros.length < length) zeros = new Uint8Array(length);
    return cipher.update(zeros.subarray(0, length));
  };
}
