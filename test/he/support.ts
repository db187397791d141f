/** What the tests of he/ share: replayable randomness, a bigint oracle, chi-square. */
import { createHash } from 'node:crypto';
import type { Rng } from '../../src/base/rng.ts';
import { createKeyShare, type KeyIdentity, type KeyShare } from '../../src/he/collective/key.ts';
import { checkParameters, type Parameters, RLWE_4096 } from '../../src/he/ring/parameters.ts';
import type { Coefficients } from '../../src/he/ring/polynomial.ts';
import { powModUnsafe } from '../../src/kernels/modular.ts';

/** An endless SHAKE-128 stream for a label: the same bytes in every run. */
export function seededRng(label: string): Rng {
  let block = 0;
  return (length) => {
    block += 1;
    const bytes = createHash('shake128', { outputLength: length })
      .update(`${label}/${block}`)
      .digest();
    return new Uint8Array(bytes);
  };
}

export const digest = (label: string): string => createHash('sha256').update(label).digest('hex');

const NAMES = Array.from({ length: 16 }, (_, i) => `holder-${String(i).padStart(2, '0')}`);

export const identityOf = (holders: number): KeyIdentity => ({
  study: digest('study'),
  flow: 'pooled-aggregate',
  epoch: 1,
  attempt: 1,
  holders: NAMES.slice(0, holders),
});

export const keySharesOf = (holders: number, label: string): KeyShare[] =>
  NAMES.slice(0, holders).map((name) =>
    createKeyShare(RLWE_4096, identityOf(holders), seededRng(`${label}/${name}`)),
  );

/** A ring with the moduli of RLWE_4096 and a dimension at which bigint oracles are quick. */
export const smallParameters = (n: number, plaintextModulus = 2n ** 32n): Parameters =>
  checkParameters({
    ...RLWE_4096,
    id: `test-rlwe-${n}`,
    plaintextModulus,
    n,
    limbs: RLWE_4096.limbs.map(({ q, psi }) => ({ q, psi: powModUnsafe(psi, 4096 / n, q) })),
  });

const mod = (x: bigint, m: bigint): bigint => ((x % m) + m) % m;

function inverse(a: bigint, m: bigint): bigint {
  let [r0, r1, s0, s1] = [m, mod(a, m), 0n, 1n];
  while (r1 !== 0n) {
    const quotient = r0 / r1;
    [r0, r1, s0, s1] = [r1, r0 - quotient * r1, s1, s0 - quotient * s1];
  }
  return mod(s0, m);
}

/** Coefficients as integers in [−q/2, q/2), by the Chinese remainder theorem. */
export function centredIntegers({ limbs, modulus, n }: Parameters, x: Coefficients): bigint[] {
  const weights = limbs.map(({ q }) => {
    const rest = modulus / BigInt(q);
    return rest * inverse(rest, BigInt(q));
  });
  return Array.from({ length: n }, (_, j) => {
    const sum = weights.reduce((s, w, i) => s + w * BigInt(x.limbs[i]?.[j] ?? 0), 0n);
    return mod(sum + modulus / 2n, modulus) - modulus / 2n;
  });
}

/** The residues of integers: the inverse of `centredIntegers`. */
export const residuesOf = ({ limbs }: Parameters, x: readonly bigint[]): Coefficients => ({
  form: 'coefficients',
  limbs: limbs.map(({ q }) => Uint32Array.from(x, (value) => Number(mod(value, BigInt(q))))),
});

/** round(a / b) for b > 0, halves up. */
export const roundDivide = (a: bigint, b: bigint): bigint => {
  const doubled = 2n * a + b;
  return (doubled - mod(doubled, 2n * b)) / (2n * b);
};

/** Pearson's statistic of counts against a probability for each class. */
export const chiSquare = (counts: readonly number[], probabilities: readonly number[]): number => {
  const total = counts.reduce((sum, count) => sum + count, 0);
  return counts.reduce((sum, count, i) => {
    const expected = total * (probabilities[i] ?? 0);
    return sum + (count - expected) ** 2 / expected;
  }, 0);
};

/** Upper point of chi-square at alpha = 10^-6 (Wilson, Hilferty 1931). */
export const chiSquareLimit = (degrees: number): number => {
  const spread = 2 / (9 * degrees);
  return degrees * (1 - spread + 4.7534 * Math.sqrt(spread)) ** 3;
};
