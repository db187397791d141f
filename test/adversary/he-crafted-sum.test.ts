/**
 * A decryption share on c1 = a large constant shows every coefficient of a holder's key (notes: attack 1,
 * rulings 2). In public-key mode nothing in the arithmetic prevents it, which the first test records as the
 * control: that is why a holder shares only on a sum that it computed from signed inputs. In seeded
 * mode a share takes no ciphertext at all.
 */
import { deepStrictEqual, equal, notDeepStrictEqual, ok } from 'node:assert/strict';
import { test } from 'vitest';
import { concat } from '../../src/base/bytes.ts';
import { createKeyShare, secretValues } from '../../src/he/collective/key.ts';
import { publicDecryptionShare } from '../../src/he/collective/public-share.ts';
import { decryptionShare } from '../../src/he/collective/share.ts';
import { pack, unpack } from '../../src/he/ring/pack.ts';
import { type Parameters, RLWE_4096, rlweParameters } from '../../src/he/ring/parameters.ts';
import { ringOf } from '../../src/he/ring/polynomial.ts';
import { centredIntegers, digest, identityOf, residuesOf, seededRng } from '../he/support.ts';

const P = rlweParameters(8192, 2n ** 40n);
const victimOf = (parameters: Parameters) =>
  createKeyShare(parameters, identityOf(2), seededRng('victim'));

/** The ternary coefficients of a share of the key. */
function coefficients(parameters: Parameters): bigint[] {
  const ring = ringOf(parameters);
  const one = ring.transform(residuesOf(parameters, unit(parameters, 1n)));
  return centredIntegers(parameters, ring.product(secretValues(ring, victimOf(parameters)), one));
}

const unit = ({ n }: Parameters, constant: bigint): bigint[] =>
  Array.from({ length: n }, (_, j) => (j === 0 ? constant : 0n));

/** The nearest of −1, 0 and 1 to share / constant. */
const read = (shares: readonly bigint[], constant: bigint): bigint[] =>
  shares.map((share) => (2n * share > constant ? 1n : 2n * share < -constant ? -1n : 0n));

test('control: in public-key mode a crafted sum takes the whole key', () => {
  const constant = P.modulus / 4n;
  const zero = pack(P, residuesOf(P, unit(P, 0n)));
  const crafted = pack(P, residuesOf(P, unit(P, constant)));
  const share = publicDecryptionShare(P, victimOf(P), concat(zero, crafted), 2, seededRng('share'));
  deepStrictEqual(read(centredIntegers(P, unpack(P, share)), constant), coefficients(P));
});

test('in seeded mode the share depends on key, run and index: there is nothing to craft', () => {
  const victim = victimOf(RLWE_4096);
  // decryptionShare(parameters, share, run, ciphertexts, rng, first): no argument comes from a peer.
  const shares = [digest('run 1'), digest('run 2')].map((run) =>
    centredIntegers(
      RLWE_4096,
      unpack(RLWE_4096, decryptionShare(RLWE_4096, victim, run, 1, seededRng('s'))),
    ),
  );
  const secret = coefficients(RLWE_4096);
  for (const share of shares) {
    const guess = read(share, RLWE_4096.modulus / 4n);
    notDeepStrictEqual(guess, secret);
    // A guess of three values is right in a third of all places, give or take 6 sigma.
    const right = guess.filter((value, j) => value === secret[j]).length;
    ok(Math.abs(right - 4096 / 3) < 6 * Math.sqrt((4096 * 2) / 9));
  }
  equal(new Set(secret).size, 3);
});
