/**
 * Do these encryption parameters reach the promised security with this number of holders?
 * Computed in exact integers and fractions, before a key is made and again before a share is.
 *
 * Lattice    (n, log2 q) within the table of Bossuat et al., "Security Guidelines for Implementing
 *            Homomorphic Encryption", ePrint 2024/463, ternary secret, 128 bits classical. Below it:
 *            hardness of RLWE with sigma = sqrt(eta/2) ≥ 3.19, that is eta ≥ 21.
 *
 * Noise      E, a bound that always holds (noise.ts). In seeded mode the sum of h fresh ciphertexts has
 *                E = h (eta + 1/2).                              16 holders: 344 = 2^8.4
 *
 * Smudging   sigma² ≥ 24 n a 2^s E² (after Li, Micciancio, Schultz, Sorrell, "Securing
 *            Approximate Homomorphic Encryption Using Differential Privacy", CRYPTO 2022) with
 *            s = 64 bits and a = number of ciphertexts ever shared under the key, at most 2^20.
 *            The formula is for a Gaussian. The law used is the centred sum of 8 uniform words of
 *            w bits (rulings 6), of variance v = 8 (4^w − 1) / 12: a shift by δ << 2^w moves it, to
 *            first order, by its Fisher information, which for this law is 1.0050 / v (integrated
 *            numerically) against 1 / v of a Gaussian; hence v ≥ 1.01 sigma² is asked. Where the
 *            supports do not meet it differs by a mass below (E / 2^w)^8 / 8! < 2^-390 a coefficient.
 *            One flat uniform word would differ by E / 2^w: 2^-50, not 2^-64 (rulings 6).
 *
 * Decryption the law is bounded, |x| ≤ tail = 4 (2^w − 1), so that h tail + E < q / 2t makes a wrong
 *            result impossible, which is more than the 2^-128 asked for. E comes from noise.ts, a
 *            static bound on the operations; the one that would pass q / 2t is refused here.
 *
 * Limits     the keys of one holder are one additive share of the whole: the bound is per key, and
 *            a new epoch starts after `ciphertexts`. The caller counts them durably.
 * @module
 */
import { check } from '../base/errors.ts';
import { MAX_HOLDERS } from '../base/limits.ts';
import { Rational } from '../base/rational.ts';
import { freshNoise } from './noise.ts';
import { decodingLoss } from './ring/codec.ts';
import type { Parameters } from './ring/parameters.ts';

/** log2 of the largest modulus for n, ternary secret, 128 bits (ePrint 2024/463). */
const LARGEST_MODULUS_BITS: ReadonlyMap<number, bigint> = new Map([
  [1024, 26n],
  [2048, 53n],
  [4096, 106n],
  [8192, 214n],
  [16384, 430n],
]);

const MIN_ETA = 21;
export const MIN_HOLDERS = 2;
/** s: statistical security of the smudging, in bits. */
export const SMUDGING_BITS = 64;
/** a: ciphertexts shared under one key before a new epoch must start. */
export const MAX_CIPHERTEXTS = 2 ** 20;
/** Uniform words in one smudging term. */
export const SMUDGING_WORDS = 8;

/** Words of 33 bits at least, so that their supports meet after any shift by E; of 160 at most. */
const MIN_WORD_BITS = 33;
const MAX_WORD_BITS = 160;

export type Smudging = {
  /** w: a term is the centred sum of 8 uniform words of this many bits. */
  readonly wordBits: number;
  /** sigma² that the formula asks for. */
  readonly requiredVariance: Rational;
  /** The variance of the law, at least 1.01 times that. */
  readonly variance: Rational;
  /** No term is larger in absolute value. */
  readonly tail: bigint;
  /** E, the noise of the sum before smudging. */
  readonly noiseBound: Rational;
  /** h tail + E, at most; below q / 2t. */
  readonly totalNoise: Rational;
};

const variance = (wordBits: number): Rational =>
  Rational.of(BigInt(SMUDGING_WORDS) * (4n ** BigInt(wordBits) - 1n), 12n);

/** Noise below this decodes to the right slot: q / 2t, less what decoding loses. */
export const noiseRoom = (parameters: Parameters): Rational =>
  Rational.of(parameters.modulus, 2n * parameters.plaintextModulus).times(
    Rational.ONE.minus(decodingLoss(parameters)),
  );

/** ENCRYPTION_PARAMETERS unless RLWE with these parameters has 128 bits by the table. */
export function checkLattice(parameters: Parameters): void {
  const { n, modulus, errorEta } = parameters;
  const bits = LARGEST_MODULUS_BITS.get(n);
  check(bits !== undefined, 'ENCRYPTION_PARAMETERS', `no table entry for n = ${n}`);
  check(modulus <= 2n ** bits, 'ENCRYPTION_PARAMETERS', `modulus above 2^${bits} at n = ${n}`);
  check(errorEta >= MIN_ETA, 'ENCRYPTION_PARAMETERS', `error parameter ${errorEta}`);
}

const inRange = (value: number, low: number, high: number): boolean =>
  Number.isInteger(value) && value >= low && value <= high;

export function checkHolders(holders: number): void {
  check(inRange(holders, MIN_HOLDERS, MAX_HOLDERS), 'ENCRYPTION_PARAMETERS', `${holders} holders`);
}

/** What a smudging law must hide, and who adds one. */
export type SmudgingTarget = {
  /** E: bound on the noise of the ciphertext that is opened. */
  readonly noise: Rational;
  /** Terms that end up in one opened ciphertext: one of every holder, or 1. */
  readonly terms: number;
  /** a: ciphertexts ever opened under the key, 1 to 2^20; default 2^20. */
  readonly ciphertexts?: number;
  /** s: 64 to 128; default 64. */
  readonly bits?: number;
  /** Noise that is added after smudging and must fit too. */
  readonly further?: Rational;
};

/**
 * The smallest law that reaches the target under `parameters`. Refuses with ENCRYPTION_PARAMETERS when
 * the lattice is too small, a figure is outside its range, or the noise does not fit under q / 2t.
 */
export function smudgingOver(parameters: Parameters, target: SmudgingTarget): Smudging {
  const { noise, terms, ciphertexts = MAX_CIPHERTEXTS, bits = SMUDGING_BITS } = target;
  checkLattice(parameters);
  check(
    inRange(ciphertexts, 1, MAX_CIPHERTEXTS),
    'ENCRYPTION_PARAMETERS',
    `${ciphertexts} ciphertexts`,
  );
  check(inRange(bits, SMUDGING_BITS, 128), 'ENCRYPTION_PARAMETERS', `${bits} bits of smudging`);
  check(inRange(terms, 1, MAX_HOLDERS), 'ENCRYPTION_PARAMETERS', `${terms} terms`);
  const scale = 24n * BigInt(parameters.n) * BigInt(ciphertexts) * 2n ** BigInt(bits);
  const requiredVariance = Rational.of(scale).times(noise).times(noise);
  const wanted = requiredVariance.times(Rational.of(101, 100));

  // variance(w) = 8 (4^w − 1) / 12 ≥ wanted, in integers.
  const least = wanted.times(Rational.of(12, SMUDGING_WORDS)).plus(Rational.ONE).ceil();
  let wordBits = MIN_WORD_BITS;
  while (wordBits <= MAX_WORD_BITS && 4n ** BigInt(wordBits) < least) wordBits += 1;
  check(wordBits <= MAX_WORD_BITS, 'ENCRYPTION_PARAMETERS', 'smudging is wider than it is drawn');

  const tail = BigInt(SMUDGING_WORDS / 2) * (2n ** BigInt(wordBits) - 1n);
  const totalNoise = Rational.of(BigInt(terms) * tail)
    .plus(noise)
    .plus(target.further ?? Rational.ZERO);
  const fits = totalNoise.compare(noiseRoom(parameters)) < 0;
  check(fits, 'ENCRYPTION_PARAMETERS', 'noise does not fit the modulus');
  return {
    wordBits,
    requiredVariance,
    variance: variance(wordBits),
    tail,
    noiseBound: noise,
    totalNoise,
  };
}

/**
 * The law of the seeded mode for `holders` holders, whose sum has one ciphertext of each.
 *
 * @param ciphertexts a key that will serve fewer than 2^20 may ask for less noise; all holders of a
 *   key must use the same figure.
 */
export function smudgingFor(
  parameters: Parameters,
  holders: number,
  ciphertexts = MAX_CIPHERTEXTS,
  bits = SMUDGING_BITS,
): Smudging {
  checkHolders(holders);
  const known = laws.get(parameters) ?? new Map<string, Smudging>();
  const name = `${holders} ${ciphertexts} ${bits}`;
  const kept = known.get(name);
  if (kept !== undefined) return kept;
  const noise = freshNoise(parameters).times(Rational.of(holders));
  const law = smudgingOver(parameters, { noise, terms: holders, ciphertexts, bits });
  laws.set(parameters, known.set(name, law));
  return law;
}

/** A law is a pure function of public numbers and takes as long as half a share. */
const laws = new WeakMap<Parameters, Map<string, Smudging>>();
