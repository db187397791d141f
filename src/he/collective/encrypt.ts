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
import { check } from '../../base/errors.ts';
import type { Digest } from '../../base/hash.ts';
import type { Rng } from '../../base/rng.ts';
import { Secret } from '../../base/secret.ts';
import { pack } from '../ring/pack.ts';
import type { Parameters } from '../ring/parameters.ts';
import { encode } from '../ring/plaintext.ts';
import { ringOf, wipe } from '../ring/polynomial.ts';
import { centredBinomial } from '../ring/sample.ts';
import { MAX_CIPHERTEXTS } from '../security.ts';
import { type KeyShare, secretValues } from './key.ts';
import { publicValues } from './seed.ts';

/** Ciphertexts for a vector of `slots` slots. */
export function ciphertextsFor(parameters: Parameters, slots: number): number {
  const count = Math.ceil(slots / parameters.n);
  check(
    Number.isInteger(slots) && slots > 0 && count <= MAX_CIPHERTEXTS,
    'INVALID_PARAMETER',
    `${slots} slots`,
  );
  return count;
}

/** The residues of a small signed error, |e_j| < q. */
function errorResidues(error: Int8Array, q: number): Uint32Array {
  const out = new Uint32Array(error.length);
  for (let j = 0; j < out.length; j++) {
    const e = error[j] as number;
    out[j] = e + (q & (e >> 31));
  }
  return out;
}

/**
 * Packed c0 of ceil(values.length / n) ciphertexts, one behind the other.
 *
 * @param values masked slots modulo 2^32; the last block is filled up with zeros, which are public.
 * @param run fresh for every vector under this key.
 * @param rng 32 bytes are drawn for each ciphertext and expanded by AES-256-CTR.
 * Refuses with INVALID_PARAMETER an empty vector, another parameter set, an id that is no digest.
 */
export function encryptSeeded(
  parameters: Parameters,
  share: KeyShare,
  run: Digest,
  values: Uint32Array,
  rng: Rng,
): Uint8Array {
  const count = ciphertextsFor(parameters, values.length);
  const { n, polynomialBytes, errorEta } = parameters;
  const ring = ringOf(parameters);
  const secret = secretValues(ring, share);
  const out = new Uint8Array(count * polynomialBytes);
  for (let index = 0; index < count; index++) {
    const slots = new Uint32Array(n);
    slots.set(values.subarray(index * n, (index + 1) * n));
    using seed = new Secret('encryption error seed', rng(32));
    const error = centredBinomial(seed, n, errorEta);
    const code = encode(ring, slots);
    const noise = ring.coefficients(({ q }) => errorResidues(error, q));
    const noised = ring.add(code, noise);
    const product = ring.product(publicValues(parameters, share.key, run, index), secret);
    out.set(pack(parameters, ring.subtract(noised, product)), index * polynomialBytes);
    error.fill(0);
    slots.fill(0);
    wipe(code, noise, noised, product);
  }
  wipe(secret);
  return out;
}
