/**
 * The exponential mechanism over very many candidates that fall into few levels: level d has n_d of them,
 * all at distance d from the best, and P(level d) is proportional to n_d·e^(−x·d). So an integer can be
 * chosen from a range of 2^50 without looking at each.
 *
 * Exact    weights are real numbers, known between bounds as fine as needed (exponential.ts). A uniform
 *          number of as many bits picks a level where the bounds leave no doubt, which all but one in
 *          some 2^60 do; else both get twice as many bits, so that the law is the real one to the last bit.
 * Leaks    time grows with the number of levels, and the bits read depend on the outcome.
 * @module
 */
import { check } from '../../base/errors.ts';
import type { Rational } from '../../base/rational.ts';
import { divideUp, expNegativeFine } from '../exponential.ts';
import type { ByteSource } from '../sampler/byte-source.ts';

const FIRST_BITS = 128n;
const WORD_BITS = 32n;

type Sums = { readonly low: readonly bigint[]; readonly high: readonly bigint[] };

/** Bounds on the sums of weights up to and with each level, in units of 2^−bits. */
function cumulative(counts: readonly bigint[], exponent: Rational, bits: bigint): Sums {
  const one = 1n << bits;
  const step = expNegativeFine(exponent, bits);
  let power = { low: one, high: one };
  const sums: { low: bigint[]; high: bigint[] } = { low: [], high: [] };
  let [low, high] = [0n, 0n];
  for (const count of counts) {
    low += count * power.low;
    high += count * power.high;
    sums.low.push(low);
    sums.high.push(high);
    power = {
      low: (power.low * step.low) >> bits,
      high: divideUp(power.high * step.high, one),
    };
  }
  return sums;
}

/** The level of U·T for u ≤ 2^bits·U < u + 1 and all sums T within the bounds; undefined where they differ. */
function decided({ low, high }: Sums, u: bigint, bits: bigint): number | undefined {
  const [allLow, allHigh] = [low.at(-1) ?? 0n, high.at(-1) ?? 0n];
  const level = low.findIndex((sum) => (u + 1n) * allHigh <= sum << bits);
  const before = level <= 0 ? 0n : (high[level - 1] ?? 0n);
  return level >= 0 && u * allLow >= before << bits ? level : undefined;
}

/** A level with P(d) proportional to counts[d]·e^(−exponent·d); at least one count is positive. */
export function chooseLevel(
  counts: readonly bigint[],
  exponent: Rational,
  bytes: ByteSource,
): number {
  const some = counts.some((count) => count > 0n) && counts.every((count) => count >= 0n);
  check(some && exponent.sign() > 0, 'INVALID_PARAMETER', 'levels of a choice');
  let [u, drawn] = [0n, 0n];
  for (let bits = FIRST_BITS; ; bits *= 2n) {
    for (; drawn < bits; drawn += WORD_BITS) u = (u << WORD_BITS) | BigInt(bytes.word());
    const level = decided(cumulative(counts, exponent, bits), u, bits);
    if (level !== undefined) return level;
  }
}
