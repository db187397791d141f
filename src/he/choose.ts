/**
 * Which parameters a study needs: from public bounds only, before a key is made (rulings 7). The actual
 * values are never looked at; slots wrap modulo t.
 *
 *     one plaintext modulus   the smallest of t = 2^32, 2^36, 2^40, ... 2^56 with 2 largest < t: steps of
 *                             four bits, because every set has keys and tables of its own
 *     ring                    n = 4096, else n = 8192: the first whose lattice has 128 bits by the table and
 *                             that carries smudging and noise under q / 2t (security.ts)
 *     several moduli          where no ring carries that t: 2^40 and the largest primes below it, as many
 *                             as the sum needs, each in its own ciphertexts (rlwe/residues.ts)
 *
 * Cost: 13.25 bytes a value and modulus at n = 4096, 26.75 at n = 8192; twice that under a public key.
 * @module
 */
import { check, Refusal } from '../base/errors.ts';
import { publicSmudging } from './collective/public-share.ts';
import { type Parameters, type RingDimension, rlweParameters } from './ring/parameters.ts';
import { checkHolders, MAX_CIPHERTEXTS, type Smudging, smudgingFor } from './security.ts';

export type StudyFacts = {
  /** Bound on the absolute value of every sum with its noise, tails included. */
  readonly largestSum: bigint;
  /** Ciphertexts that will ever be shared under one key, 1 to 2^20. */
  readonly ciphertexts: number;
  /** 2 to 16. */
  readonly holders: number;
  /** Seeded under zero-sum masks, or under the collective public key. */
  readonly mode: 'seeded' | 'public';
};

export type Choice = {
  /** One set, or one for each of several plaintext moduli over the same ring. */
  readonly sets: readonly Parameters[];
  readonly smudging: Smudging;
};

const RINGS: readonly RingDimension[] = [4096, 8192];
const SMALLEST_BITS = 32;
/** Above it the fractions of eight limbs are too coarse to decode (ring/codec.ts). */
const LARGEST_BITS = 56;
const STEP_BITS = 4;

/** 2^40 and the three largest primes below it (test/he/choose.test.ts proves them). */
const SEVERAL = [2n ** 40n, 2n ** 40n - 87n, 2n ** 40n - 167n, 2n ** 40n - 195n];

/** The law for a set, or why there is none. */
function lawOf(parameters: Parameters, facts: StudyFacts): Smudging | Refusal {
  const { holders, mode } = facts;
  try {
    // The law of a share is that of 2^20 ciphertexts, however few there will be.
    return mode === 'seeded'
      ? smudgingFor(parameters, holders)
      : publicSmudging(parameters, holders, holders, true);
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
}

/** The first ring that carries every one of these moduli, or the last refusal. */
function ringFor(moduli: readonly bigint[], facts: StudyFacts): Choice | Refusal {
  let refused: Refusal = new Refusal('PLAINTEXT_RANGE', 'no plaintext modulus');
  for (const n of RINGS) {
    const sets = moduli.map((t) => rlweParameters(n, t));
    const laws = sets.map((parameters) => lawOf(parameters, facts));
    const failed = laws.find((law) => law instanceof Refusal);
    const [smudging] = laws;
    if (failed instanceof Refusal) refused = failed;
    else if (smudging !== undefined && !(smudging instanceof Refusal)) return { sets, smudging };
  }
  return refused;
}

/**
 * The cheapest choice. Refuses with ENCRYPTION_PARAMETERS and the reason what does not reach 128 bits or
 * the smudging target, with PLAINTEXT_RANGE a sum that no set of moduli carries.
 */
export function chooseParameters(facts: StudyFacts): Choice {
  const { largestSum, ciphertexts, holders } = facts;
  check(largestSum >= 0n, 'INVALID_PARAMETER', 'bound on the sums');
  checkHolders(holders);
  const counted = Number.isInteger(ciphertexts) && ciphertexts >= 1;
  check(counted && ciphertexts <= MAX_CIPHERTEXTS, 'ENCRYPTION_PARAMETERS', 'ciphertexts of a key');
  const least = Math.max(SMALLEST_BITS, (2n * largestSum).toString(2).length);
  const bits = STEP_BITS * Math.ceil(least / STEP_BITS);
  const single = bits <= LARGEST_BITS ? ringFor([2n ** BigInt(bits)], facts) : undefined;
  if (single !== undefined && !(single instanceof Refusal)) return single;
  let product = 1n;
  const count = SEVERAL.findIndex((t) => (product *= t) > 2n * largestSum) + 1;
  check(count > 0, 'PLAINTEXT_RANGE', `sums of ${bits} bits`);
  // One modulus of 2^40 was no help if a smaller one was not.
  const several = count > 1 ? ringFor(SEVERAL.slice(0, count), facts) : single;
  if (several === undefined || several instanceof Refusal) {
    throw several ?? new Refusal('PLAINTEXT_RANGE', `sums of ${bits} bits`);
  }
  return several;
}
