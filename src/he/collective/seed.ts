/**
 * The public polynomial c1 of a ciphertext, derived and never sent.
 *
 *     c1[run, index] = polynomial `index` of the seed SHA-256(transcript(tag, parameters, key, run))
 *
 * as values at the powers of psi: a uniform polynomial is uniform in either form, and
 * this one saves a transform. All holders of a run use the same c1 with different secrets: h samples
 * of RLWE with one public part, which is sound, as the secrets and errors are independent.
 *
 * Rulings 2 and 3: bound to the key id (hence study, flow, epoch, attempt, holders), to the run and
 * to the index. **One c1 must never serve two vectors of one holder**: the difference of the two
 * ciphertexts would show the difference of the vectors up to an error below 43. A run id is fresh
 * for every run; that is the caller's duty, durably.
 * @module
 */
import { fromHex } from '../../base/bytes.ts';
import { check } from '../../base/errors.ts';
import { type Digest, DIGEST_PATTERN } from '../../base/hash.ts';
import { transcriptDigest } from '../../base/transcript.ts';
import type { Parameters } from '../ring/parameters.ts';
import { type Ring, ringOf, type Values, valuesOf } from '../ring/polynomial.ts';
import { UniformPolynomials } from '../ring/sample.ts';

/** Version 2 draws from AES-256-CTR; version 1 drew from SHAKE-128. */
const FORMAT = 'kakehashi/he-c1/2';

/** The c1 of run `run` under key `key`, one for each ciphertext. */
export function publicPolynomials(ring: Ring, key: Digest, run: Digest): UniformPolynomials {
  check(DIGEST_PATTERN.test(key) && DIGEST_PATTERN.test(run), 'INVALID_PARAMETER', 'key or run id');
  const seed = transcriptDigest(FORMAT, [ring.parameters.id, key, run]);
  return new UniformPolynomials(ring, fromHex(seed));
}

/** c1 of ciphertext `index` (from 0), as a value. */
export function publicValues(
  parameters: Parameters,
  key: Digest,
  run: Digest,
  index: number,
): Values {
  const ring = ringOf(parameters);
  publicPolynomials(ring, key, run).take(0, index);
  return valuesOf(ring.machine.read(0));
}
