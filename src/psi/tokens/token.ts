/**
 * Tokens: what two holders show a third party so that it can see which rows of two shuffled lists are equal,
 * and nothing of what they are.
 *
 *     token(z) = first 128 bits of H( F_A(z) ‖ F_B(z) )      F_A keyed by A, F_B by B, both fresh for one run
 *
 * Each function is evaluated obliviously by VOLE (vole/receiver.ts, paper and assumptions there), once in
 * each direction. A coalition of the third party and one holder can evaluate the other holder's
 * function on that coalition's own list only, so that identifiers that can be guessed stay safe; one
 * function, or a key that both holders know, would not give that.
 *
 * Adversary   holders semi-honest; the third party gets the tokens and may do with them what it likes.
 * Leakage     to each holder: the length of the other's list, which is public where lists are padded.
 * Limits      outputs of 16 bytes (rulings 26): tokens of one run collide with probability below 2^-80
 *             for lists of 2^23. Never reused: another run has other functions.
 * @module
 */
import { check } from '../../base/errors.ts';
import { Blake2s } from '../../kernels/blake2s.ts';
import type { Channel } from '../channel.ts';
import { oprfReceive, type VoleOptions, type VoleTokens } from '../vole/receiver.ts';
import { oprfSend } from '../vole/sender.ts';

export const TOKEN_BYTES = 16;
const PERSON = 'kk-tok01';
const BLOCK = 64;
const CHUNK = 4096;

/** Tokens from the two functions' outputs on the same rows: BLAKE2s-128 of their 32 bytes. */
export function joinOutputs(first: Uint8Array, second: Uint8Array): Uint8Array {
  const n = first.length / TOKEN_BYTES;
  check(first.length === second.length, 'INTERNAL', 'outputs of different lengths');
  using hash = new Blake2s({ digestBytes: TOKEN_BYTES, person: PERSON });
  const out = new Uint8Array(n * TOKEN_BYTES);
  const blocks = new Uint8Array(Math.min(n, CHUNK) * BLOCK);
  for (let from = 0; from < n; from += CHUNK) {
    const count = Math.min(CHUNK, n - from);
    for (let i = 0; i < count; i += 1) {
      const at = (from + i) * TOKEN_BYTES;
      blocks.set(first.subarray(at, at + TOKEN_BYTES), i * BLOCK);
      blocks.set(second.subarray(at, at + TOKEN_BYTES), i * BLOCK + TOKEN_BYTES);
    }
    const lengths = new Uint32Array(count).fill(2 * TOKEN_BYTES);
    out.set(hash.hashBlocks(blocks.subarray(0, count * BLOCK), lengths), from * TOKEN_BYTES);
  }
  blocks.fill(0);
  return out;
}

function outputs(evaluated: VoleTokens, rows: number): Uint8Array {
  const { tokens, peerItems, duplicates } = evaluated;
  check(duplicates.length === 0, 'INVALID_PARAMETER', 'a list with equal identifiers');
  // Both lists have the public length.
  check(peerItems === rows, 'MALFORMED_MESSAGE', 'list of another length');
  return tokens;
}

/**
 * One token for each of `ids`, which are distinct, in their order. Both holders call this, one of them
 * as `first`; the keyed function of `first` is F_A. `given` is what the two sessions take: nothing but time depends
 * on its threads.
 */
export async function exchangeTokens(
  role: 'first' | 'second',
  ids: readonly string[],
  channel: Channel,
  given: Omit<VoleOptions, 'peerLimit'> = {},
): Promise<Uint8Array> {
  const options = { ...given, peerLimit: ids.length };
  const [a, b] =
    role === 'first'
      ? [await oprfSend(ids, channel, options), await oprfReceive(ids, channel, options)]
      : [await oprfReceive(ids, channel, options), await oprfSend(ids, channel, options)];
  const [fa, fb] = [outputs(a, ids.length), outputs(b, ids.length)];
  const tokens = joinOutputs(fa, fb);
  fa.fill(0);
  fb.fill(0);
  return tokens;
}
