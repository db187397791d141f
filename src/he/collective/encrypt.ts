/**
 * Seeded symmetric encryption of a holder's masked vector under its own key share.
 *
 *     holder i, for each block of n slots:
 *       c1 = XOF(key, run, index)            e_i ← centred binomial (eta), fresh
 *       c0_i = −c1 s_i + e_i + round(q m_i / t)          sent: c0_i, packed, 13.25 bytes a slot
 *
 * Papers     symmetric RLWE encryption after Brakerski, ePrint 2012/078, and Fan, Vercauteren, ePrint
 *            2012/144; seeded c1 as in common practice. Assumption: RLWE, c1 from a random oracle.
 * Adversary  the sandbox and all holders but one see c0_i and later the share h_i. Together these
 *            open m_i (c0_i + h_i is an encryption of it without a key): **sound only if m_i is
 *            masked** by masks.ts and already noised (rulings 1 and 3). Then the mode gives:
 *            - a stolen key, weak smudging or a decryption oracle show masked vectors only;
 *            - no public key, no c1 and no crafted ciphertext is ever an input of a share, so that
 *              a holder's input cannot steal another's key (rulings 2 is about public mode).
 * Between holders semi-honest: a holder who deviates can shift the result unnoticed. Were the public
 *            mode used, it could also learn another holder's key share and noised vector.
 * Leakage    the number of slots.
 * Limits     one vector for a (key, run) for ever: the bytes are durable before they are sent and a
 *            retry sends the same bytes. The caller's duty, as is the count of ciphertexts a key.
 * @module
 */
import type { Digest } from '../../base/hash.ts';
import type { Rng } from '../../base/rng.ts';
import type { Slots } from '../../kernels/rlwe.ts';
import type { Parameters } from '../ring/parameters.ts';
import { ringOf } from '../ring/polynomial.ts';
import { encryptBlocks } from '../rlwe/symmetric.ts';
import type { KeyShare } from './key.ts';
import { publicPolynomials } from './seed.ts';

export { ciphertextsFor } from '../rlwe/symmetric.ts';

/**
 * Packed c0 of ceil(values.length / n) ciphertexts, one behind the other.
 *
 * @param values masked slots modulo t; the last block is filled up with zeros, which are public.
 *   32-bit words where t ≤ 2^32, 64-bit words above.
 * @param run fresh for every vector under this key.
 * @param rng 32 bytes are drawn and expanded by AES-256-CTR.
 * @param first index of the first ciphertext, where `values` is a later part of the vector: parts
 *   of one vector may be encrypted by several workers.
 * @param out where the bytes go and which is returned; fresh memory by default.
 * Refuses with INVALID_PARAMETER an empty vector, another parameter set, an id that is no digest.
 */
export function encryptSeeded(
  parameters: Parameters,
  share: KeyShare,
  run: Digest,
  values: Slots,
  rng: Rng,
  first = 0,
  out?: Uint8Array,
): Uint8Array {
  const ring = ringOf(parameters);
  const publics = publicPolynomials(ring, share.key, run);
  return encryptBlocks(ring, share, publics, values, rng, first, out);
}
