/**
 * A holder's decryption share of one run.
 *
 *     holder i, for each ciphertext:   h_i = c1 s_i + smudging          sent: h_i, packed
 *     anyone:                          Σ c0_i + Σ h_i = round(q Σ m_i / t) + small
 *
 * Papers     Asharov et al., ePrint 2011/613; Mouchet et al., ePrint 2020/304; smudging as security.ts.
 * Adversary  semi-honest holders, a sandbox that may do what it likes. In seeded mode c1 depends on
 *            key, run and index only, so that **no message of a stranger enters a share**: the
 *            attack that hands a holder a crafted c1 and reads its key does not apply.
 * Leakage    h_i opens that holder's own vector, for c0_i + h_i = round(q m_i / t) + small: with the
 *            masks of masks.ts m_i is uniform and only the sum over all holders means anything;
 *            without them this is a disclosure.
 * Rulings 4  one share for a run, for ever. A second one with other smudging averages the noise
 *            away (ePrint 2024/194, 2025/409): the caller makes (run, digest, share) durable
 *            before sending and replays those bytes. It gives a share only after recomputing the
 *            sum from the signed inputs of exactly the holders named in the query.
 * @module
 */
import { check } from '../../base/errors.ts';
import type { Digest } from '../../base/hash.ts';
import type { Rng } from '../../base/rng.ts';
import { Secret } from '../../base/secret.ts';
import type { Parameters } from '../ring/parameters.ts';
import { ringOf } from '../ring/polynomial.ts';
import { loadSecret } from '../ring/ternary.ts';
import { MAX_CIPHERTEXTS, smudgingFor } from '../security.ts';
import type { KeyShare } from './key.ts';
import { publicPolynomials } from './seed.ts';
import { SmudgingNoise } from '../ring/smudging.ts';

/** Registers: s_i, and the share in the making. */
const [SECRET, WORK] = [0, 1];

/**
 * Packed h_i of the `ciphertexts` ciphertexts of a run, one behind the other.
 *
 * @param rng 32 bytes are drawn and expanded by AES-256-CTR.
 * @param first index of the first ciphertext, where workers make parts of one share.
 * @param given where the bytes go and which is returned; fresh memory by default.
 * Refuses with INVALID_PARAMETER a count outside 1 to 2^20 or another parameter set, with
 * ENCRYPTION_PARAMETERS what security.ts refuses for the holders of this key.
 */
export function decryptionShare(
  parameters: Parameters,
  share: KeyShare,
  run: Digest,
  ciphertexts: number,
  rng: Rng,
  first = 0,
  given?: Uint8Array,
): Uint8Array {
  check(
    Number.isInteger(ciphertexts) &&
      ciphertexts >= 1 &&
      first >= 0 &&
      first + ciphertexts <= MAX_CIPHERTEXTS,
    'INVALID_PARAMETER',
    `${ciphertexts} ciphertexts from ${first}`,
  );
  const smudging = smudgingFor(parameters, share.holders);
  const ring = ringOf(parameters);
  const { machine } = ring;
  const publics = publicPolynomials(ring, share.key, run);
  using seed = new Secret('smudging seed', rng(32));
  const noise = new SmudgingNoise(ring, smudging, seed);
  // Not before the count is known to be one that memory holds.
  const out = given ?? new Uint8Array(ciphertexts * parameters.polynomialBytes);
  const room = out.length === ciphertexts * parameters.polynomialBytes;
  check(room, 'INVALID_PARAMETER', 'room for a share');
  loadSecret(ring, share, SECRET);
  for (let index = 0; index < ciphertexts; index++) {
    publics.take(WORK, first + index);
    machine.multiply(WORK, WORK, SECRET);
    machine.inverse(WORK);
    noise.addTo(WORK);
    machine.pack(WORK, out, index * parameters.polynomialBytes);
  }
  machine.wipe(SECRET, WORK);
  return out;
}
