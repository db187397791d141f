/**
 * The public polynomial c1 of a ciphertext, derived and never sent.
 *
 *     c1[run, index] limb i = SHAKE-128(transcript(tag, parameters, key, run, index, i))
 *
 * by rejection, as values at the powers of psi: a uniform polynomial is uniform in either form, and
 * this one saves a transform. All holders of a run use the same c1 with different secrets: h samples
 * of RLWE with one public part, which is sound, as the secrets and errors are independent.
 *
 * Rulings 2 and 3: bound to the key id (hence study, flow, epoch, attempt, holders), to the run and
 * to the index. **One c1 must never serve two vectors of one holder**: the difference of the two
 * ciphertexts would show the difference of the vectors up to an error below 43. A run id is fresh
 * for every run; that is the caller's duty, durably.
 * @module
 */
import { check } from '../../base/errors.ts';
import { type Digest, DIGEST_PATTERN } from '../../base/hash.ts';
import { transcriptBytes } from '../../base/transcript.ts';
import type { Parameters } from '../ring/parameters.ts';
import { type Values, valuesOf } from '../ring/polynomial.ts';
import { uniformResidues } from '../ring/sample.ts';

/** c1 of ciphertext `index` (from 0) of run `run` under key `key`. */
export function publicValues(
  parameters: Parameters,
  key: Digest,
  run: Digest,
  index: number,
): Values {
  check(DIGEST_PATTERN.test(key) && DIGEST_PATTERN.test(run), 'INVALID_PARAMETER', 'key or run id');
  return valuesOf(
    parameters.limbs.map((limb, i) =>
      uniformResidues(
        transcriptBytes('kakehashi/he-c1/1', [parameters.id, key, run, index, i]),
        parameters.n,
        limb,
      ),
    ),
  );
}
