/**
 * Which keys of the data exist, and nothing else: the optimal selection of partitions.
 *
 * Contract     neighbours differ in one person, who has at most `l0` keys; n people have a key, and it
 *              is shown with probability π(n − (least − 1)), alone, whatever the other keys are.
 * Cost         (ε, δ) in all, ε/l0 and δ/l0 for each key. In the filter: δ-approximate
 *              ε·tanh(ε/2)-zCDP, since an (ε, δ)-DP pair is a pure ε pair but for δ (Kairouz, Oh,
 *              Viswanath, ICML 2015).
 * Law          π(0) = 0, π(n+1) = min(e^ε·π(n) + δ, 1 − e^−ε·(1 − π(n) − δ), 1), the largest that is
 *              (ε, δ)-DP (Desfontaines, Voss, Gipson, Mandayam, "Differentially private partition
 *              selection", PoPETs 2022, arXiv 2006.03684, theorem 1).
 * Exact        π(n)·2^256 is an integer, e^ε rounded down and e^−ε up, so that both inequalities hold
 *              for it as it is drawn: P(shown) is that integer over 2^256 to the last bit.
 * @module
 */
import { check } from '../../base/errors.ts';
import { Rational } from '../../base/rational.ts';
import { expNegative, divideUp, FIXED_ONE } from '../exponential.ts';
import type { ByteSource } from '../sampler/byte-source.ts';
import { uniformBelow } from '../sampler/uniform.ts';

export type PartitionCost = {
  readonly epsilon: Rational;
  readonly delta: Rational;
  /** Keys of one person. */
  readonly l0: number;
  /** Keys of fewer people are never shown. 1 is no such rule. */
  readonly least?: number;
};

/** A longer recursion than this is for an epsilon and a delta that nobody should use. */
const LONGEST = 2 ** 16;

/** The probability of being shown by the number of people with the key. */
export class PartitionSelection {
  /** π(0), π(1), ... in units of 2^−256, as far as asked; the last is one when it stops growing. */
  readonly #table: bigint[] = [0n];
  readonly #expDown: bigint;
  readonly #expNegativeUp: bigint;
  readonly #delta: bigint;
  readonly #skip: number;

  constructor({ epsilon, delta, l0, least = 1 }: PartitionCost) {
    check(epsilon.sign() > 0, 'INVALID_PARAMETER', 'epsilon is not positive');
    const proper = delta.sign() > 0 && delta.compare(Rational.ONE) < 0;
    check(proper, 'INVALID_PARAMETER', 'delta of a partition selection');
    check(Number.isSafeInteger(l0) && l0 > 0, 'INVALID_PARAMETER', 'keys of one person');
    check(Number.isSafeInteger(least) && least > 0, 'INVALID_PARAMETER', 'least number of people');
    const keys = Rational.of(l0);
    const { high } = expNegative(epsilon.dividedBy(keys));
    this.#expNegativeUp = high;
    this.#expDown = (FIXED_ONE * FIXED_ONE) / high;
    this.#delta = delta.dividedBy(keys).times(Rational.of(FIXED_ONE)).floor();
    this.#skip = least - 1;
  }

  /** π·2^256 for a key of `people` people. */
  probability(people: number): bigint {
    const valid = Number.isSafeInteger(people) && people >= 0;
    check(valid, 'INVALID_PARAMETER', 'number of people');
    const n = Math.max(0, people - this.#skip);
    while (this.#table.length <= n) {
      const last = this.#table[this.#table.length - 1] ?? 0n;
      if (last === FIXED_ONE) return FIXED_ONE;
      check(this.#table.length < LONGEST, 'NOISE_RANGE', 'selection saturates too late');
      this.#table.push(this.#next(last));
    }
    return this.#table[n] ?? 0n;
  }

  #next(probability: bigint): bigint {
    const grown = (this.#expDown * probability) / FIXED_ONE + this.#delta;
    const missing = FIXED_ONE - probability - this.#delta;
    if (missing <= 0n) return grown < FIXED_ONE ? grown : FIXED_ONE;
    const kept = FIXED_ONE - divideUp(this.#expNegativeUp * missing, FIXED_ONE);
    return grown < kept ? grown : kept;
  }

  /** Whether a key of `people` people is shown. */
  shows(people: number, bytes: ByteSource): boolean {
    return uniformBelow(FIXED_ONE, bytes) < this.probability(people);
  }

  /** The keys that are shown, in the order of their names. */
  select(people: ReadonlyMap<string, number>, bytes: ByteSource): string[] {
    return [...people.keys()].toSorted().filter((key) => this.shows(people.get(key) ?? 0, bytes));
  }
}
