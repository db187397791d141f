/**
 * Zero-sum masks: what makes the seeded mode sound (rulings 3).
 *
 *     for each pair i < j (by name):  k_ij ←$ {0,1}^256 drawn by i, sealed to j's key of this run
 *     r_i = Σ_j ± XOF(k_ij, run, plan digest) mod 2^32        + for the smaller name, − for the larger
 *     holder i encrypts v_i + r_i;    Σ r_i = 0, so the sum is Σ v_i
 *
 * Idea       additive masking as in Bonawitz et al., CCS 2017, without dropouts: a run needs every
 *            holder anyway.
 * Assumption AES-256-CTR under a key from HKDF-SHA-256 is a pseudo-random function of (run, plan).
 * Adversary  the sandbox and all holders but two: to them the masked vectors of the two others are
 *            uniform but for their sum. **All holders but one** know every mask of the last one, and
 *            what they then see is its noised vector: that is why noise is added before masks.
 * Leakage    none beyond the number of slots. A mask covers every slot, also public zeros.
 * Limits     semi-honest: a holder who leaves out a mask spoils the run, unnoticed until the result
 *            is nonsense. k_ij is for one run only; both ends wipe it with the run.
 * @module
 */
import { check } from '../../base/errors.ts';
import { deriveKey, type Digest, DIGEST_PATTERN, keyStream } from '../../base/hash.ts';
import { MAX_HOLDERS } from '../../base/limits.ts';
import type { Secret } from '../../base/secret.ts';
import { transcriptDigest } from '../../base/transcript.ts';
import { wordsOf } from '../ring/words.ts';

export const MASK_KEY_BYTES = 32;

/** The holder of a pair that draws k_ij and adds: the smaller name by UTF-16 code units. */
export const drawsMaskKey = (holder: string, peer: string): boolean => holder < peer;

type Mix = (stream: Uint8Array, sign: 1 | -1) => void;

/** Hands the stream of every pair to `mix`, with this holder's sign; `bytes` of each. */
function forEachPeer(
  holder: string,
  peers: ReadonlyMap<string, Secret>,
  [run, planDigest, modulus]: readonly [Digest, Digest, string?],
  bytes: number,
  mix: Mix,
): void {
  check(
    peers.size >= 1 && peers.size < MAX_HOLDERS && !peers.has(holder),
    'INVALID_PARAMETER',
    `${peers.size} peers`,
  );
  check(
    DIGEST_PATTERN.test(run) && DIGEST_PATTERN.test(planDigest),
    'INVALID_PARAMETER',
    'run id or plan digest',
  );
  check(Number.isSafeInteger(bytes) && bytes > 0, 'INVALID_PARAMETER', `${bytes} bytes of mask`);
  const info =
    modulus === undefined
      ? transcriptDigest('kakehashi/zero-sum-mask/1', [run, planDigest])
      : transcriptDigest('kakehashi/zero-sum-mask-modulo/1', [run, planDigest, modulus]);
  for (const [peer, key] of peers) {
    check(key.expose().length === MASK_KEY_BYTES, 'INVALID_PARAMETER', 'mask key length');
    using streamKey = deriveKey(key, info);
    const stream = keyStream(streamKey, bytes);
    mix(stream, drawsMaskKey(holder, peer) ? 1 : -1);
    stream.fill(0);
  }
}

/**
 * r_i for this holder: `slots` words modulo 2^32. Secret; wipe it after use.
 *
 * @param peers the other holders, 1 to 15, each with the k_ij of this run, 32 bytes, in any order.
 * Refuses with INVALID_PARAMETER an empty or foreign set of peers, a key of another length, an id
 * that is no digest.
 */
export function zeroSumMask(
  holder: string,
  peers: ReadonlyMap<string, Secret>,
  run: Digest,
  planDigest: Digest,
  slots: number,
): Uint32Array {
  check(Number.isSafeInteger(slots) && slots > 0, 'INVALID_PARAMETER', `${slots} slots`);
  const mask = new Uint32Array(slots);
  forEachPeer(holder, peers, [run, planDigest], 4 * slots, (stream, sign) => {
    const words = wordsOf(stream);
    // Sums are exact doubles above 2^32 or below 0; the store takes them mod 2^32.
    for (let i = 0; i < slots; i++) mask[i] = (mask[i] as number) + sign * (words[i] as number);
    words.fill(0);
  });
  return mask;
}

/**
 * The same modulo any t, 64-bit words: 16 bytes of stream a slot, reduced with a bias below 2^-64.
 * For slots modulo 2^32 take `zeroSumMask`: the two do not cancel each other. Each t has a stream of its
 * own, for a vector may be masked modulo several.
 */
export function zeroSumMaskModulo(
  holder: string,
  peers: ReadonlyMap<string, Secret>,
  run: Digest,
  planDigest: Digest,
  slots: number,
  t: bigint,
): BigUint64Array {
  check(t > 1n && t <= 2n ** 60n, 'INVALID_PARAMETER', `mask modulo ${t}`);
  check(Number.isSafeInteger(slots) && slots > 0, 'INVALID_PARAMETER', `${slots} slots`);
  const mask = new BigUint64Array(slots);
  forEachPeer(holder, peers, [run, planDigest, t.toString()], 16 * slots, (stream, sign) => {
    const words = new BigUint64Array(stream.slice().buffer);
    for (let i = 0; i < slots; i++) {
      const drawn = (((words[2 * i + 1] as bigint) << 64n) | (words[2 * i] as bigint)) % t;
      mask[i] = ((mask[i] as bigint) + (sign === 1 ? drawn : t - drawn)) % t;
    }
    words.fill(0n);
  });
  return mask;
}

/** values + mask modulo 2^32, slot by slot; the lengths must agree. */
export function applyMask(values: Uint32Array, mask: Uint32Array): Uint32Array {
  check(values.length === mask.length, 'INVALID_PARAMETER', 'mask length');
  return values.map((value, i) => value + (mask[i] as number));
}

/** values + mask modulo t, slot by slot; the lengths must agree. */
export function applyMaskModulo(
  values: BigUint64Array,
  mask: BigUint64Array,
  t: bigint,
): BigUint64Array {
  check(values.length === mask.length, 'INVALID_PARAMETER', 'mask length');
  return values.map((value, i) => (value + (mask[i] as bigint)) % t);
}
